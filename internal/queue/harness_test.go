package queue_test

import (
	"fmt"
	"testing"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/cloudtest"
	"sslvpnchange/internal/queue"
)

// line is a queue in an emulated bucket.
type line struct {
	*cloudtest.Cloud
	*queue.Queue

	t *testing.T
}

func newLine(t *testing.T) *line {
	t.Helper()
	c := cloudtest.New(t)
	return &line{Cloud: c, Queue: queue.New(c.Store), t: t}
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

func (l *line) add(changes ...change.Change) {
	l.t.Helper()
	for _, c := range changes {
		added, err := l.Add(l.t.Context(), c)
		if err != nil || !added {
			l.t.Fatalf("add %s: added %v, %v", c.ID, added, err)
		}
	}
}

// put writes an object that Add would not.
func (l *line) put(key, text string) {
	l.t.Helper()
	if err := l.Store.Put(l.t.Context(), key, []byte(text)); err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) due(t change.Target, now time.Time) queue.Due {
	l.t.Helper()
	d, err := l.Due(l.t.Context(), t, now)
	if err != nil {
		l.t.Fatal(err)
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
