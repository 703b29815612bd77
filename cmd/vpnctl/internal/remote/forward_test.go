package remote_test

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"
)

// An answer is passed on as it is; a write is repeated while the platform fails, a read is
// not.
func TestForward(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		method string
		status int
		body   string
		want   string // "" for an answer that is not JSON
		tries  int32
	}{
		{http.MethodGet, 200, `{"changes":[]}`, `{"changes":[]}`, 1},
		{http.MethodGet, 403, `{"title":"no"}`, `{"title":"no"}`, 1},
		{http.MethodGet, 502, `<html>`, "", 1},
		{http.MethodPost, 202, `{"outcome":"taken"}`, `{"outcome":"taken"}`, 1},
		{http.MethodPost, 409, `{"title":"too late"}`, `{"title":"too late"}`, 1},
		{http.MethodPost, 503, `{"title":"later"}`, `{"title":"later"}`, 4},
	} {
		var sent atomic.Int32
		ids := make(chan string, 10)
		c := client(t, func(w http.ResponseWriter, r *http.Request) {
			sent.Add(1)
			ids <- r.Header.Get("Webhook-Id")
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, tt.body)
		})
		got, err := c.Forward(t.Context(), tt.method, "/v1/commands", []byte("{}"), "d1")
		ok := tt.status == got.Status || tt.status/100 == 2 && got.Status == 200
		if err != nil || !ok || string(got.Body) != tt.want || sent.Load() != tt.tries {
			t.Errorf("%s %d: %+v after %d tries, %v", tt.method, tt.status, got, sent.Load(), err)
		}
		for range tt.tries {
			if id := <-ids; id != "d1" {
				t.Errorf("sent under the id %s", id)
			}
		}
	}
}
