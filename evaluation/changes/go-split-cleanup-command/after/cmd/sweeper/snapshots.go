package main

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

const stamp = "20060102-150405"

// snapshot is a directory named like snap-20240131-235959, in UTC.
type snapshot struct {
	path string
	at   time.Time
}

// find returns the snapshots of a directory, the newest first.
func find(dir string) ([]snapshot, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []snapshot
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		at, err := time.Parse(stamp, strings.TrimPrefix(entry.Name(), "snap-"))
		if err != nil {
			continue // not one of ours
		}
		found = append(found, snapshot{filepath.Join(dir, entry.Name()), at})
	}
	sort.Slice(found, func(i, j int) bool { return found[i].at.After(found[j].at) })
	return found, nil
}

// outdated returns those that may go: all before the limit but for the newest
// keep of the list, which is sorted as find returns it.
func outdated(snapshots []snapshot, keep int, limit time.Time) []snapshot {
	var out []snapshot
	for i, s := range snapshots {
		if i >= keep && s.at.Before(limit) {
			out = append(out, s)
		}
	}
	return out
}
