package queue_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// harness is a queue in an emulated bucket.
type harness struct {
	*cloudtest.Cloud
	*queue.Queue

	t *testing.T
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	c := cloudtest.New(t)
	return &harness{Cloud: c, Queue: queue.New(c.Store), t: t}
}

func server(id string) change.Target {
	return change.Target{RegionID: "cn-hangzhou", ServerID: "vss-" + id}
}

// noon is when the documents of these tests are accepted.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// document makes the changes of one document, all of one server.
func document(name string, t change.Target, due time.Time, count int) []change.Change {
	identity := change.HTTPIdentity("tester", name)
	out := make([]change.Change, count)
	for i := range out {
		out[i] = change.Change{
			Request: change.Request{
				Target: t, Patch: change.Patch{change.Port: change.Number(1195 + i)}, ExpiresAt: due.Add(time.Hour),
			},
			ID:       change.ID(noon(), change.DocumentID(identity), i+1, count),
			Identity: identity, Document: change.DocumentID(identity), Index: i + 1,
			Origin:     change.Origin{Kind: change.FromHTTP, Actor: "tester", Source: name},
			AcceptedAt: noon(), DueAt: due,
		}
	}
	return out
}

func one(name string, t change.Target, due time.Time) change.Change {
	return document(name, t, due, 1)[0]
}

func (h *harness) add(changes ...change.Change) {
	h.t.Helper()
	for _, c := range changes {
		added, err := h.Add(h.t.Context(), c)
		if err != nil || !added {
			h.t.Fatalf("add %s: added %v, %v", c.ID, added, err)
		}
	}
}

// put writes an object that Add would not.
func (h *harness) put(key, text string) {
	h.t.Helper()
	if err := h.Store.Put(h.t.Context(), key, []byte(text)); err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) due(t change.Target, now time.Time) queue.Due {
	h.t.Helper()
	d, err := h.Due(h.t.Context(), t, now)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

func ids(entries []queue.Entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.ID
	}
	return out
}

func idsOf(changes ...change.Change) []string {
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = c.ID
	}
	return out
}

func numbered(i int) string { return fmt.Sprintf("n%05d", i) }
