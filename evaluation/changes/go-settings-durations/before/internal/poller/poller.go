// Package poller asks the upstream for news.
package poller

import (
	"context"
	"log"
	"time"

	"example.org/harbor/internal/settings"
)

// Source is the upstream.
type Source interface {
	Fetch(ctx context.Context) (int, error)
}

// Run fetches until the context ends.
func Run(ctx context.Context, s settings.Settings, source Source) {
	ticker := time.NewTicker(time.Duration(s.PollInterval) * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		count, err := source.Fetch(ctx)
		if err != nil {
			log.Printf("poll: %v", err)
			continue
		}
		if count > 0 {
			log.Printf("poll: %d new", count)
		}
	}
}
