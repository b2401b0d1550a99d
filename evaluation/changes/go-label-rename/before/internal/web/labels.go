// Package web serves the pages and forms.
package web

import (
	"errors"
	"net/http"

	"example.org/attic/internal/labels"
)

// Labels has the handlers for labels.
type Labels struct {
	store *labels.Store
}

// Register adds the handlers to a mux.
func (l *Labels) Register(mux *http.ServeMux) {
	mux.HandleFunc("/labels/set", l.set)
}

func (l *Labels) set(w http.ResponseWriter, r *http.Request) {
	name, color := r.PostFormValue("name"), r.PostFormValue("color")
	if name == "" || color == "" {
		http.Error(w, "name and color are needed", http.StatusBadRequest)
		return
	}
	l.finish(w, r, l.store.Set(name, color))
}

func (l *Labels) finish(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, labels.ErrUnknown):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	default:
		http.Redirect(w, r, "/labels", http.StatusSeeOther)
	}
}
