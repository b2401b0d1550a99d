// Package labels keeps the labels of boxes in a small JSON file.
package labels

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"sync"
)

// ErrUnknown says that there is no such label.
var ErrUnknown = errors.New("unknown label")

// Store keeps labels. It is safe for concurrent use.
type Store struct {
	path string

	mu     sync.RWMutex
	colors map[string]string // by name
}

// Open reads the labels from a file, which may be missing.
func Open(path string) (*Store, error) {
	s := &Store{path: path, colors: make(map[string]string)}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &s.colors); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// save writes the file anew.
func (s *Store) save() error {
	s.mu.RLock()
	data, err := json.MarshalIndent(s.colors, "", "  ")
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	return os.WriteFile(s.path, data, 0o644)
}

// Names returns all labels, sorted.
func (s *Store) Names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]string, 0, len(s.colors))
	for name := range s.colors {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Color returns the color of a label.
func (s *Store) Color(name string) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	color, ok := s.colors[name]
	if !ok {
		return "", ErrUnknown
	}
	return color, nil
}

// Set adds a label or changes its color.
func (s *Store) Set(name, color string) error {
	s.mu.Lock()
	s.colors[name] = color
	s.mu.Unlock()
	return s.save()
}
