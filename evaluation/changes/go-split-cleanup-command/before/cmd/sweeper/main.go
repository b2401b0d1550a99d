// Command sweeper removes old snapshots from a directory.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

const stamp = "20060102-150405"

func main() {
	dir := flag.String("dir", "", "directory with the snapshots")
	keep := flag.Int("keep", 5, "how many of the newest to keep in any case")
	days := flag.Int("days", 30, "remove only what is older than so many days")
	dry := flag.Bool("dry-run", false, "only say what would be removed")
	flag.Parse()
	if *dir == "" || *keep < 0 || *days < 0 {
		flag.Usage()
		os.Exit(2)
	}

	entries, err := os.ReadDir(*dir)
	if err != nil {
		log.Fatal(err)
	}
	type snapshot struct {
		path string
		at   time.Time
	}
	var snapshots []snapshot
	for _, entry := range entries {
		text := strings.TrimPrefix(entry.Name(), "snap-")
		at, err := time.Parse(stamp, text)
		if !entry.IsDir() || err != nil {
			continue
		}
		snapshots = append(snapshots, snapshot{filepath.Join(*dir, entry.Name()), at})
	}
	sort.Slice(snapshots, func(i, j int) bool { return snapshots[i].at.After(snapshots[j].at) })

	limit := time.Now().UTC().AddDate(0, 0, -*days)
	failed := false
	for i, s := range snapshots {
		if i < *keep || !s.at.Before(limit) {
			continue
		}
		fmt.Println(s.path)
		if *dry {
			continue
		}
		if err := os.RemoveAll(s.path); err != nil {
			log.Print(err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}
