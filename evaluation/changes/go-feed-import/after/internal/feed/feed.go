// Package feed reads the price feed of the wholesaler.
package feed

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"example.org/pantry/internal/prices"
)

const (
	requestTimeout = 30 * time.Second
	throttlePause  = 10 * time.Second
	throttleTries  = 6
)

// Client reads the feed.
type Client struct {
	base *url.URL
	key  string
	http *http.Client
}

// New returns a client for the feed at base.
func New(base *url.URL, key string) *Client {
	return &Client{base: base, key: key, http: &http.Client{Timeout: requestTimeout}}
}

// page is one answer. Pages are counted from 1.
type page struct {
	Pages int `json:"pages"`
	Items []struct {
		SKU   string `json:"sku"`
		Cents int64  `json:"cents"`
	} `json:"items"`
}

// All returns the prices on all pages.
func (c *Client) All(ctx context.Context) ([]prices.Price, error) {
	first, err := c.page(ctx, 1)
	if err != nil {
		return nil, err
	}
	all := collect(nil, first)
	for number := 2; number < first.Pages; number++ {
		next, err := c.page(ctx, number)
		if err != nil {
			return nil, err
		}
		all = collect(all, next)
	}
	return all, nil
}

// page reads a page, and waits for as long as we are told to slow down.
func (c *Client) page(ctx context.Context, number int) (*page, error) {
	for try := 1; ; try++ {
		resp, err := c.get(ctx, number)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", number, err)
		}
		if resp.StatusCode == http.StatusTooManyRequests && try < throttleTries {
			if err := pause(ctx, throttlePause); err != nil {
				return nil, err
			}
			continue
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("page %d: feed answered %s", number, resp.Status)
		}
		var p page
		if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
			return nil, fmt.Errorf("page %d: %w", number, err)
		}
		return &p, nil
	}
}

func (c *Client) get(ctx context.Context, number int) (*http.Response, error) {
	address := c.base.JoinPath("prices")
	query := address.Query()
	query.Set("page", strconv.Itoa(number))
	address.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("X-Feed-Key", c.key)
	return c.http.Do(req)
}

func collect(all []prices.Price, p *page) []prices.Price {
	for _, item := range p.Items {
		all = append(all, prices.Price{Article: item.SKU, Cents: item.Cents})
	}
	return all
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
