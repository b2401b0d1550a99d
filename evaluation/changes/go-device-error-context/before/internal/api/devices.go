// Package api answers the requests of the web interface.
package api

import (
	"encoding/json"
	"log"
	"net/http"
	"strings"

	"example.org/beacon/internal/store"
)

// API holds what the handlers need.
type API struct {
	devices *store.Devices
}

// New returns the handlers.
func New(devices *store.Devices) *API {
	return &API{devices: devices}
}

// Device answers GET /devices/ID.
func (a *API) Device(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.URL.Path, "/devices/")
	device, err := a.devices.Get(r.Context(), id)
	switch err {
	case nil:
	case store.ErrNotFound:
		http.Error(w, "no such device", http.StatusNotFound)
		return
	default:
		log.Printf("GET %s: %v", r.URL.Path, err)
		http.Error(w, "something went wrong", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(device); err != nil {
		log.Printf("GET %s: %v", r.URL.Path, err)
	}
}
