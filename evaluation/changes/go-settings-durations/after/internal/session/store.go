// Package session keeps the sessions of signed-in users.
package session

import (
	"sync"
	"time"

	"example.org/harbor/internal/settings"
)

// Store keeps sessions in memory.
type Store struct {
	ttl time.Duration

	mu     sync.Mutex
	expiry map[string]time.Time
}

// NewStore returns an empty store.
func NewStore(s settings.Settings) *Store {
	return &Store{
		ttl:    s.SessionTTL,
		expiry: make(map[string]time.Time),
	}
}

// Touch starts a session, or makes it last longer.
func (s *Store) Touch(id string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expiry[id] = now.Add(s.ttl)
}

// Valid says whether there is such a session.
func (s *Store) Valid(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.expiry[id])
}
