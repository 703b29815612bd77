package remote_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// asked is a change as Submit returns it.
func asked(id string) remote.Change {
	return remote.Change{Record: record.Record{ID: id, Status: change.Queued}}
}

// pending are changes without a document.
func pending(ids ...string) remote.Pending {
	var p remote.Pending
	for _, id := range ids {
		p.Changes = append(p.Changes, asked(id))
	}
	return p
}

// deliveries makes delivery ids; it counts them.
type deliveries struct{ n atomic.Int32 }

func (d *deliveries) next() string { return fmt.Sprint("d", d.n.Add(1)) }

func state(id string, status change.Status) string {
	return fmt.Sprintf(`{"id":%q,"status":%q,"why":"because","acceptedAt":"2026-11-22T08:30:00Z","more":{"new":1}}`, id, status)
}

func idOf(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/v1/changes/") }

func TestWaitPollsAFunctionThatDoesNotHold(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) <= 2 && idOf(r) == "a" {
			fmt.Fprint(w, state("a", "waiting"))
			return
		}
		fmt.Fprint(w, state(idOf(r), "applied"))
	})
	var seen []string
	p := pending("a")
	p.Show = func(all []remote.Change, trouble error) { seen = append(seen, fmt.Sprint(all[0].Status, trouble)) }
	var d deliveries
	got, err := c.Wait(t.Context(), p, d.next)
	if err != nil || got[0].Status != change.Applied || !strings.Contains(string(got[0].Raw), `"new":1`) {
		t.Errorf("got %+v, %v", got, err)
	}
	if want := "waiting<nil>,waiting<nil>,applied<nil>"; strings.Join(seen, ",") != want || d.n.Load() != 3 {
		t.Errorf("progress was %v after %d requests, want %s after 3", seen, d.n.Load(), want)
	}
}

// holder is a function that holds requests: it answers when the change ends.
type holder struct {
	ended chan struct{} // closed when the change ends
	mu    sync.Mutex
	asked []string
}

func (h *holder) log(r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, strings.TrimSpace(r.Method+" "+r.Header.Get("Prefer")))
}

func (h *holder) status(w http.ResponseWriter, r *http.Request) change.Status {
	h.log(r)
	if prefer := r.Header.Get("Prefer"); prefer != "" {
		w.Header().Set("Preference-Applied", prefer)
		select {
		case <-h.ended:
		case <-r.Context().Done():
		}
	}
	select {
	case <-h.ended:
		return change.Applied
	default:
		return change.Waiting
	}
}

func TestWaitIsHeld(t *testing.T) {
	t.Parallel()
	h := holder{ended: make(chan struct{})}
	c := client(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, state(idOf(r), h.status(w, r))) })
	p := pending("a")
	var ended time.Time
	p.Show = func(all []remote.Change, _ error) {
		if all[0].Status == change.Waiting {
			time.AfterFunc(700*time.Millisecond, func() { ended = time.Now(); close(h.ended) })
		}
	}
	var d deliveries
	got, err := c.Wait(t.Context(), p, d.next)
	if late := time.Since(ended); err != nil || got[0].Status != change.Applied || late > 2*time.Second {
		t.Errorf("%s after the end: %+v, %v", late, got, err)
	}
	if want := []string{"GET", "GET wait=2"}; fmt.Sprint(h.asked) != fmt.Sprint(want) {
		t.Errorf("asked %q, want %q", h.asked, want)
	}
}

func TestWaitForADocumentIsOneHeldRequest(t *testing.T) {
	t.Parallel()
	h := holder{ended: make(chan struct{})}
	const n = 100
	list := func(status change.Status) string {
		var all []string
		for i := range n {
			all = append(all, state(fmt.Sprint("c", i), status))
		}
		return `{"changes":[` + strings.Join(all, ",") + `]}`
	}
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			fmt.Fprint(w, state(idOf(r), h.status(w, r)))
			return
		}
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Webhook-Id") != "doc-1" || string(body) != "a: 1" {
			t.Errorf("the repetition has the id %s and %q", r.Header.Get("Webhook-Id"), body)
		}
		fmt.Fprint(w, list(h.status(w, r)))
	})
	var p remote.Pending
	for i := range n {
		p.Changes = append(p.Changes, asked(fmt.Sprint("c", i)))
	}
	p.Document, p.Delivery = &remote.Document{Data: []byte("a: 1")}, "doc-1"
	var once sync.Once
	p.Show = func([]remote.Change, error) {
		once.Do(func() { time.AfterFunc(50*time.Millisecond, func() { close(h.ended) }) })
	}
	var d deliveries
	got, err := c.Wait(t.Context(), p, d.next)
	if err != nil || len(got) != n || got[n-1].Status != change.Applied {
		t.Errorf("got %d changes, %v", len(got), err)
	}
	if len(h.asked) != 9 || h.asked[8] != "POST wait=2" { // 8 for the state to show
		t.Errorf("asked %q", h.asked)
	}
}

// The answer may be too large for all records: then each change is asked for.
func TestWaitForADocumentWithoutTheRecords(t *testing.T) {
	t.Parallel()
	var posted atomic.Int32
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			posted.Add(1)
			w.Header().Set("Preference-Applied", "wait=2")
			fmt.Fprint(w, `{"changes":[{"id":"a","status":"queued"},{"id":"b","status":"queued"}]}`)
		case posted.Load() == 0:
			fmt.Fprint(w, state(idOf(r), "waiting"))
		default:
			fmt.Fprint(w, state(idOf(r), "applied"))
		}
	})
	p := pending("a", "b")
	p.Document, p.Delivery = &remote.Document{}, "doc-1"
	var d deliveries
	got, err := c.Wait(t.Context(), p, d.next)
	if err != nil || got[0].Status != change.Applied || got[1].Status != change.Applied || got[1].ID != "b" || posted.Load() != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestARefusedRepetitionEndsNoWait(t *testing.T) {
	t.Parallel()
	var posted atomic.Int32
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			posted.Add(1)
			w.WriteHeader(http.StatusForbidden)
		case posted.Load() == 0:
			fmt.Fprint(w, state(idOf(r), "waiting"))
		default:
			fmt.Fprint(w, state(idOf(r), "applied"))
		}
	})
	p := pending("a", "b")
	p.Document, p.Delivery = &remote.Document{}, "doc-1"
	var d deliveries
	if got, err := c.Wait(t.Context(), p, d.next); err != nil || got[1].Status != change.Applied || posted.Load() != 1 {
		t.Errorf("after %d repetitions: %+v, %v", posted.Load(), got, err)
	}
}

func TestWaitContinuesWhileTheFunctionRestarts(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		switch n.Add(1) {
		case 1:
			fmt.Fprint(w, state("a", "waiting"))
		case 2: // the instance dies while it holds the request
			conn, _, err := w.(http.Hijacker).Hijack() //nolint:forcetypeassert // a server of HTTP/1
			if err == nil {
				_ = conn.Close()
			}
		case 3: // the platform has none yet
			w.WriteHeader(http.StatusBadGateway)
		default:
			fmt.Fprint(w, state("a", "applied"))
		}
	})
	var troubles []error
	p := pending("a")
	p.Show = func(_ []remote.Change, trouble error) { troubles = append(troubles, trouble) }
	var d deliveries
	got, err := c.Wait(t.Context(), p, d.next)
	if err != nil || got[0].Status != change.Applied {
		t.Errorf("got %+v, %v", got, err)
	}
	// The transport repeats a request that died on a connection from its pool. Whether the
	// second request found one there depends on timing, so the dying connection may be a
	// trouble of its own.
	last := len(troubles) - 1
	if last != 2 && last != 3 || troubles[0] != nil || troubles[last] != nil || slices.Contains(troubles[1:last], nil) {
		t.Errorf("the troubles were %v", troubles)
	}
}

func TestWaitEndsAtARefusal(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	var d deliveries
	if _, err := c.Wait(t.Context(), pending("a"), d.next); err == nil || !strings.Contains(err.Error(), "403") || d.n.Load() != 1 {
		t.Errorf("after %d requests: %v", d.n.Load(), err)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, interrupted := range []bool{true, false} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		if !interrupted {
			ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
		}
		defer cancel()
		c := client(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Prefer") != "" {
				t.Error("held longer than the wait")
			}
			fmt.Fprint(w, state("a", "waiting"))
		})
		p := pending("a")
		p.Show = func([]remote.Change, error) {
			if interrupted {
				cancel()
			}
		}
		var d deliveries
		got, err := c.Wait(ctx, p, d.next)
		if err != nil || got[0].Status != change.Waiting || got[0].Why != "because" {
			t.Errorf("interrupted %v: got %+v, %v", interrupted, got, err)
		}
	}
}

func TestWaitEndsWhenThatIsEnough(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, state(idOf(r), "waiting")) })
	p := pending("a")
	p.Enough = func(all []remote.Change) bool { return all[0].Status == change.Waiting }
	var d deliveries
	if got, err := c.Wait(t.Context(), p, d.next); err != nil || got[0].Status != change.Waiting || d.n.Load() != 1 {
		t.Errorf("after %d requests: %+v, %v", d.n.Load(), got, err)
	}
}
