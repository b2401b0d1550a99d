package geo

import (
	"os"
	"sync/atomic"
)

// Current holds the index in use and swaps it when there is a newer file.
type Current struct {
	index atomic.Pointer[Index]
}

// Load reads a file and puts it in use; on an error the old index stays.
func (c *Current) Load(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	index, err := Read(f)
	if err != nil {
		return err
	}
	c.index.Store(index)
	return nil
}

// Index returns the index in use, nil before the first Load.
func (c *Current) Index() *Index {
	return c.index.Load()
}
