// Package web serves the JSON API.
package web

import (
	"encoding/json"
	"log"
	"net/http"
	"strconv"

	"example.org/relay/internal/runs"
)

const (
	defaultLimit = 50
	maxLimit     = 500
)

// ListRuns answers GET /runs. The parameter status may be given more than once.
func ListRuns(store *runs.Store) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		filter := runs.Filter{Limit: defaultLimit}
		if text := r.URL.Query().Get("limit"); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || n > maxLimit {
				http.Error(w, "limit must be between 1 and 500", http.StatusBadRequest)
				return
			}
			filter.Limit = n
		}
		for _, text := range r.URL.Query()["status"] {
			status, ok := runs.ParseStatus(text)
			if !ok {
				http.Error(w, "status must be queued, running, passed or failed", http.StatusBadRequest)
				return
			}
			filter.Statuses = append(filter.Statuses, status)
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(store.List(filter)); err != nil {
			log.Printf("GET /runs: %v", err)
		}
	}
}
