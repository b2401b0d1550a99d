// Command sweeper removes old snapshots from a directory.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"time"
)

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

	snapshots, err := find(*dir)
	if err != nil {
		log.Fatal(err)
	}
	failed := false
	for _, s := range outdated(snapshots, *keep, time.Now().UTC().AddDate(0, 0, -*days)) {
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
