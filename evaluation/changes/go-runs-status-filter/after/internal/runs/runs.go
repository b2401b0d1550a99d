// Package runs remembers the runs of pipelines.
package runs

import (
	"sort"
	"sync"
	"time"
)

// Status says how far a run is.
type Status string

// All statuses of a run.
const (
	Queued  Status = "queued"
	Running Status = "running"
	Passed  Status = "passed"
	Failed  Status = "failed"
)

// ParseStatus returns the status of that name, and whether there is one.
func ParseStatus(text string) (Status, bool) {
	switch s := Status(text); s {
	case Queued, Running, Passed, Failed:
		return s, true
	}
	return "", false
}

// Run is one run of a pipeline.
type Run struct {
	ID       int64     `json:"id"`
	Pipeline string    `json:"pipeline"`
	Status   Status    `json:"status"`
	Started  time.Time `json:"started"`
}

// Store keeps runs in memory. It is safe for concurrent use.
type Store struct {
	mu   sync.RWMutex
	runs map[int64]Run
}

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{runs: make(map[int64]Run)}
}

// Put adds a run, or replaces the one of the same ID.
func (s *Store) Put(r Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs[r.ID] = r
}

// Filter says which runs to list.
type Filter struct {
	// Statuses to list; all if there are none.
	Statuses []Status
	Limit    int
}

func (f Filter) matches(r Run) bool {
	if len(f.Statuses) == 0 {
		return true
	}
	for _, status := range f.Statuses {
		if r.Status == status {
			return true
		}
	}
	return false
}

// List returns the newest runs that match the filter, the newest first.
func (s *Store) List(f Filter) []Run {
	s.mu.RLock()
	list := make([]Run, 0, len(s.runs))
	for _, r := range s.runs {
		if f.matches(r) {
			list = append(list, r)
		}
	}
	s.mu.RUnlock()

	sort.Slice(list, func(i, j int) bool { return list[i].ID > list[j].ID })
	if len(list) > f.Limit {
		list = list[:f.Limit]
	}
	return list
}
