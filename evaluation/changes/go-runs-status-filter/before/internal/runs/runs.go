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

// List returns at most limit runs, the newest first.
func (s *Store) List(limit int) []Run {
	s.mu.RLock()
	list := make([]Run, 0, len(s.runs))
	for _, r := range s.runs {
		list = append(list, r)
	}
	s.mu.RUnlock()

	sort.Slice(list, func(i, j int) bool { return list[i].ID > list[j].ID })
	if len(list) > limit {
		list = list[:limit]
	}
	return list
}
