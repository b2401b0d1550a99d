package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"example.org/relay/internal/runs"
)

func TestListRuns(t *testing.T) {
	store := runs.NewStore()
	store.Put(runs.Run{ID: 1, Status: runs.Failed})
	store.Put(runs.Run{ID: 2, Status: runs.Passed})
	store.Put(runs.Run{ID: 3, Status: runs.Running})
	store.Put(runs.Run{ID: 4, Status: runs.Failed})

	tests := []struct {
		query string
		code  int
		ids   []int64
	}{
		{"", http.StatusOK, []int64{4, 3, 2, 1}},
		{"?limit=2", http.StatusOK, []int64{4, 3}},
		{"?status=failed", http.StatusOK, []int64{4, 1}},
		{"?status=failed&status=running", http.StatusOK, []int64{4, 3, 1}},
		{"?status=failed&limit=1", http.StatusOK, []int64{4}},
		{"?status=queued", http.StatusOK, []int64{}},
		{"?status=lost", http.StatusBadRequest, nil},
		{"?limit=0", http.StatusBadRequest, nil},
	}
	for _, test := range tests {
		t.Run(test.query, func(t *testing.T) {
			rec := httptest.NewRecorder()
			ListRuns(store)(rec, httptest.NewRequest(http.MethodGet, "/runs"+test.query, nil))
			if rec.Code != test.code {
				t.Fatalf("code %d, want %d", rec.Code, test.code)
			}
			if test.code != http.StatusOK {
				return
			}
			var list []runs.Run
			if err := json.Unmarshal(rec.Body.Bytes(), &list); err != nil {
				t.Fatal(err)
			}
			ids := []int64{}
			for _, r := range list {
				ids = append(ids, r.ID)
			}
			if !reflect.DeepEqual(ids, test.ids) {
				t.Errorf("runs %v, want %v", ids, test.ids)
			}
		})
	}
}
