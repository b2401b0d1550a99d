package main

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func names(snapshots []snapshot) []string {
	list := []string{}
	for _, s := range snapshots {
		list = append(list, filepath.Base(s.path))
	}
	return list
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"snap-20240101-000000", "snap-20240301-120000", "snap-latest", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "snap-20240201-000000"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	found, err := find(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"snap-20240301-120000", "snap-20240101-000000"}
	if got := names(found); !reflect.DeepEqual(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

func TestOutdated(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }
	list := []snapshot{{"d", day(9)}, {"c", day(7)}, {"b", day(5)}, {"a", day(3)}}
	tests := []struct {
		keep  int
		limit time.Time
		want  []string
	}{
		{0, day(5), []string{"a"}},
		{0, day(6), []string{"b", "a"}},
		{3, day(10), []string{"a"}},
		{4, day(10), []string{}},
		{0, day(1), []string{}},
	}
	for _, test := range tests {
		if got := names(outdated(list, test.keep, test.limit)); !reflect.DeepEqual(got, test.want) {
			t.Errorf("keep %d before %s: %v, want %v", test.keep, test.limit, got, test.want)
		}
	}
}
