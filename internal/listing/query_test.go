package listing_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
)

const entryKey = "queue/cn-hangzhou/vss-a/1795348800123-7f3akq2cd2-0012-20261122-7f3akq2cd2-12.json"

func TestParse(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	want := listing.Query{
		Statuses: []change.Status{"ended", "waiting"}, Server: "office", RegionID: "cn-hangzhou", By: "mei",
		Since: change.Bound{Ago: 14 * day}, Until: change.Bound{At: time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)}, Limit: 100,
	}
	got, problems := listing.Parse(map[string]string{
		"status": "Ended, waiting", "server": "cn-hangzhou/office", "by": "mei", "since": "2w", "until": "2026-11-23T02:00:00+08:00", "limit": "100",
	})
	if len(problems) > 0 || !got.Until.At.Equal(want.Until.At) {
		t.Errorf("got %+v, problems %v", got, problems)
	}
	got.Until = want.Until
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, problems := listing.Parse(nil); !reflect.DeepEqual(got, listing.Query{}) || len(problems) > 0 {
		t.Errorf("no parameters are %+v, problems %v", got, problems)
	}
	for name, values := range map[string][]string{
		"status": {"", "x", "ended,", "ended,ended,x"}, "server": {"", "/x", "x/", "a/b/c"}, "by": {"", strings.Repeat("x", 257)},
		"since": {"7", "d", "-7d", "1.5d", "07x", "9999999w", "2026-11-23", "2026-11-23T02:00:00"}, "until": {"now", "0d"},
		"limit": {"0", "101", "+5", "05", "5,6", "x"}, "cursor": {"x", "e30", strings.Repeat("a", 5000)}, "other": {"x"},
	} {
		for _, v := range values {
			if _, problems := listing.Parse(map[string]string{name: v}); len(problems) != 1 || problems[0].Hint == "" || problems[0].Message == "" {
				t.Errorf("%s=%.20q has the problems %v", name, v, problems)
			}
		}
	}
}

func TestStatusesOfAQuery(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		statuses       []change.Status
		waiting, ended bool
	}{
		{nil, true, true},
		{[]change.Status{"waiting"}, true, false},
		{[]change.Status{"ended"}, false, true},
		{[]change.Status{"failed", "applied"}, false, true},
		{[]change.Status{"waiting", "failed"}, true, true},
	} {
		q := listing.Query{Statuses: tt.statuses}
		if q.Waiting() != tt.waiting || q.Ended() != tt.ended {
			t.Errorf("%v: waiting %v, ended %v", tt.statuses, q.Waiting(), q.Ended())
		}
		for s, want := range map[change.Status]bool{change.Queued: tt.waiting, change.Applying: tt.waiting} {
			if q.Has(s) != want {
				t.Errorf("%v has %s: %v", tt.statuses, s, q.Has(s))
			}
		}
	}
	if q := (listing.Query{Statuses: []change.Status{"failed"}}); q.Has(change.Applied) || !q.Has(change.Failed) {
		t.Error("failed stands for others")
	}
}

func TestACursorIsOfOneQuery(t *testing.T) {
	t.Parallel()
	q := listing.Query{Statuses: []change.Status{"ended"}, Server: "office", By: "mei", Since: change.Bound{Ago: time.Hour}}
	for _, p := range []listing.Place{
		{Waiting: entryKey}, listing.Ended(), {EndedAt: time.UnixMilli(1795348800123).UTC(), ID: "20261122-7f3akq2cd2-12"},
	} {
		q.Cursor = q.Next(p)
		if got, problem := q.Place(); problem != nil || got != p {
			t.Errorf("%+v is read as %+v, problem %v", p, got, problem)
		}
		more := q
		more.Limit = 7
		if _, problem := more.Place(); problem != nil {
			t.Errorf("another limit: %v", problem)
		}
		for name, other := range map[string]func(*listing.Query){
			"status": func(q *listing.Query) { q.Statuses = nil }, "server": func(q *listing.Query) { q.Server = "" },
			"region": func(q *listing.Query) { q.RegionID = "cn-beijing" }, "by": func(q *listing.Query) { q.By = "" },
			"since": func(q *listing.Query) { q.Since = change.Bound{} }, "until": func(q *listing.Query) { q.Until = change.Bound{Ago: time.Minute} },
		} {
			changed := q
			other(&changed)
			if _, problem := changed.Place(); problem == nil || problem.Rule != listing.RuleCursor || !strings.Contains(problem.Message, "another query") {
				t.Errorf("another %s: %v", name, problem)
			}
		}
	}
	for _, p := range []listing.Place{{Waiting: "queue/foreign"}, {EndedAt: time.UnixMilli(5), ID: "x"}, {}} {
		q.Cursor = q.Next(p)
		if _, problem := q.Place(); problem == nil {
			t.Errorf("%+v is accepted", p)
		}
	}
}

// FuzzCursor checks that whatever is read as a cursor is a place, and that its cursor is
// read as the same place.
func FuzzCursor(f *testing.F) {
	f.Add(listing.Query{}.Next(listing.Place{Waiting: entryKey}))
	f.Add(listing.Query{}.Next(listing.Ended()))
	f.Add("eyJ2IjoxfQ")
	f.Fuzz(func(t *testing.T, text string) {
		q := listing.Query{Cursor: text}
		p, problem := q.Place()
		if problem != nil {
			if problem.Rule != listing.RuleCursor || problem.Hint == "" || p != (listing.Place{}) {
				t.Fatalf("%q is refused as %+v, place %+v", text, problem, p)
			}
			return
		}
		again := listing.Query{Cursor: q.Next(p)}
		if back, problem := again.Place(); text != "" && (problem != nil || back != p) {
			t.Fatalf("%q is %+v, and %+v again, problem %v", text, p, back, problem)
		}
	})
}
