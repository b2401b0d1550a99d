// Package geo finds the country of an address.
package geo

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"sort"
	"strings"
)

type block struct {
	first, last netip.Addr
	country     string
}

// Index finds countries. It is filled by Read and never changes after that; to
// take up a newer file, read it into a new Index. It is safe for concurrent use.
type Index struct {
	blocks []block // sorted, without overlaps
}

// Read makes an index from lines like "192.0.2.0 192.0.2.255 NL".
func Read(r io.Reader) (*Index, error) {
	x := &Index{}
	scanner := bufio.NewScanner(r)
	for number := 1; scanner.Scan(); number++ {
		fields := strings.Fields(scanner.Text())
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 3 {
			return nil, fmt.Errorf("line %d: %d fields", number, len(fields))
		}
		first, err := netip.ParseAddr(fields[0])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		last, err := netip.ParseAddr(fields[1])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		x.blocks = append(x.blocks, block{first, last, fields[2]})
	}
	if err := scanner.Err(); err != nil {
		return nil, err
	}
	sort.Slice(x.blocks, func(i, j int) bool { return x.blocks[i].first.Less(x.blocks[j].first) })
	return x, nil
}

// Country returns the country of an address, "" if it is not known.
func (x *Index) Country(addr netip.Addr) string {
	i := sort.Search(len(x.blocks), func(i int) bool { return !x.blocks[i].last.Less(addr) })
	if i < len(x.blocks) && !addr.Less(x.blocks[i].first) {
		return x.blocks[i].country
	}
	return ""
}

// Len returns the number of blocks.
func (x *Index) Len() int {
	return len(x.blocks)
}
