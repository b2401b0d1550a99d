// Package blob talks to the blob server.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// ErrNotFound says that the server has no blob of that name.
var ErrNotFound = errors.New("no such blob")

// Client is safe for concurrent use.
type Client struct {
	base *url.URL
	http *http.Client
}

// NewClient returns a client for the server at base.
func NewClient(base *url.URL) *Client {
	return &Client{base: base, http: &http.Client{}}
}

// Size returns the size of a blob in bytes, -1 if the server does not tell.
func (c *Client) Size(ctx context.Context, name string) (int64, error) {
	resp, err := c.do(ctx, http.MethodHead, name, nil)
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	return resp.ContentLength, nil
}

// Put stores a blob, over any that was there.
func (c *Client) Put(ctx context.Context, name string, content io.Reader) error {
	resp, err := c.do(ctx, http.MethodPut, name, content)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// Open returns the content of a blob; the caller closes it.
func (c *Client) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	resp, err := c.do(ctx, http.MethodGet, name, nil)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

func (c *Client) do(ctx context.Context, method, name string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base.JoinPath("blobs", name).String(), body)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("%s: %w", name, ErrNotFound)
	}
	return nil, fmt.Errorf("%s %s: server answered %s", method, name, resp.Status)
}
