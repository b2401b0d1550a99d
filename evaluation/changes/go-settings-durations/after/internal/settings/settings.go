// Package settings reads the settings file.
package settings

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Settings is what an operator can set.
type Settings struct {
	Listen       string
	Upstream     string
	SessionTTL   time.Duration
	PollInterval time.Duration
}

// file is the settings file.
type file struct {
	Listen       string   `json:"listen"`
	Upstream     string   `json:"upstream"`
	SessionTTL   duration `json:"session_ttl"`
	PollInterval duration `json:"poll_interval"`
}

// Load reads the settings from a file; what it leaves out has its default.
func Load(path string) (Settings, error) {
	f := file{
		Listen:       ":8080",
		SessionTTL:   duration(time.Hour),
		PollInterval: duration(20 * time.Second),
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Settings{}, err
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return Settings{}, fmt.Errorf("%s: %w", path, err)
	}
	if f.SessionTTL <= 0 || f.PollInterval <= 0 {
		return Settings{}, fmt.Errorf("%s: session_ttl and poll_interval must be above 0", path)
	}
	return Settings{
		Listen:       f.Listen,
		Upstream:     f.Upstream,
		SessionTTL:   time.Duration(f.SessionTTL),
		PollInterval: time.Duration(f.PollInterval),
	}, nil
}
