// Package upload sends large files in parts.
package upload

import (
	"context"
	"fmt"
	"log"
	"time"
)

// Part is a piece of the file.
type Part struct {
	Number int
	Data   []byte
	Sum    string
}

// Receipt is what the remote side says about a part that it has stored.
type Receipt struct {
	ID  string
	Sum string
}

// Remote stores parts and puts them together.
type Remote interface {
	Put(ctx context.Context, part Part) (*Receipt, error)
	Finish(ctx context.Context, ids []string) error
}

// Uploader sends the parts of one file in their order.
type Uploader struct {
	remote Remote
	log    *log.Logger
}

// New returns an uploader to a remote side.
func New(remote Remote, logger *log.Logger) *Uploader {
	return &Uploader{remote: remote, log: logger}
}

// Send uploads all parts. It returns at the first that fails.
func (u *Uploader) Send(ctx context.Context, parts []Part) error {
	started := time.Now()
	ids := make([]string, 0, len(parts))
	for _, part := range parts {
		receipt, err := u.sendPart(ctx, part)
		if err != nil {
			return err
		}
		ids = append(ids, receipt.ID)
	}
	if err := u.remote.Finish(ctx, ids); err != nil {
		return fmt.Errorf("finish: %w", err)
	}
	u.log.Printf("sent %d parts in %s", len(parts), time.Since(started).Round(time.Second))
	return nil
}

func (u *Uploader) sendPart(ctx context.Context, part Part) (*Receipt, error) {
	receipt, err := u.remote.Put(ctx, part)
	if err != nil {
		return nil, fmt.Errorf("part %d: %w", part.Number, err)
	}
	if receipt.Sum != part.Sum {
		return nil, fmt.Errorf("part %d: stored with sum %s, not %s", part.Number, receipt.Sum, part.Sum)
	}
	return receipt, nil
}
