// Package prices keeps what we pay for articles.
package prices

import (
	"encoding/json"
	"fmt"
	"os"
)

// Price is what an article costs us, in cents.
type Price struct {
	Article string `json:"article"`
	Cents   int64  `json:"cents"`
}

// Store keeps prices in a file, which the tills read every morning.
type Store struct {
	path string
}

// NewStore returns the store in that file.
func NewStore(path string) *Store {
	return &Store{path: path}
}

// Replace puts new prices in place of all the old ones, or fails and changes
// nothing.
func (s *Store) Replace(prices []Price) error {
	data, err := json.Marshal(prices)
	if err != nil {
		return err
	}
	next := s.path + ".new"
	if err := os.WriteFile(next, data, 0o644); err != nil {
		return fmt.Errorf("write prices: %w", err)
	}
	return os.Rename(next, s.path)
}
