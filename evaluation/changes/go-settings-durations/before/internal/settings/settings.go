// Package settings reads the settings file.
package settings

import (
	"encoding/json"
	"fmt"
	"os"
)

// Settings is what an operator can set.
type Settings struct {
	Listen   string `json:"listen"`
	Upstream string `json:"upstream"`
	// SessionTTL is in seconds.
	SessionTTL int `json:"session_ttl"`
	// PollInterval is in seconds.
	PollInterval int `json:"poll_interval"`
}

// Load reads the settings from a file; what it leaves out has its default.
func Load(path string) (Settings, error) {
	s := Settings{
		Listen:       ":8080",
		SessionTTL:   3600,
		PollInterval: 20,
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Settings{}, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return Settings{}, fmt.Errorf("%s: %w", path, err)
	}
	if s.SessionTTL <= 0 || s.PollInterval <= 0 {
		return Settings{}, fmt.Errorf("%s: session_ttl and poll_interval must be above 0", path)
	}
	return s, nil
}
