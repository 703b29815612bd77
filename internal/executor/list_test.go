package executor_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

func slack(who string) policy.Account {
	return policy.Account{Channel: "slack", Tenant: "T1", User: who}
}

// list gives all pages of a query.
func (r *harness) list(who string, q listing.Query) []listing.Change {
	r.t.Helper()
	d, _ := r.services()
	var out []listing.Change
	for pages := 0; ; pages++ {
		ans, err := d.List(r.t.Context(), slack(who), q)
		if err != nil {
			r.t.Fatal(err)
		}
		if ans.Outcome != executor.Shown || pages > 50 {
			r.t.Fatalf("%+v is answered %s: %v, after %d pages", q, ans.Outcome, ans.Problems, pages)
		}
		out = append(out, ans.Page.Changes...)
		if ans.Page.Next == "" {
			return out
		}
		q.Cursor = ans.Page.Next
	}
}

func listed(changes []listing.Change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.ID)
	}
	return out
}

// story has changes that wait and changes that ended, of two servers and three people.
func story(t *testing.T) (h *harness, waits, ended []string) {
	t.Helper()
	h = newHarness(t)
	h.accepted("mei", "apply test port=1195")
	h.drain(h.test)
	ended = append(ended, h.lastRecord())
	h.accepted("jun", "apply test port=1195")
	h.drain(h.test)
	ended = append(ended, h.lastRecord())
	one := h.accepted("mei", "apply office port=1196 reason=“close 1194”").Change.ID
	two := h.accepted("lan", "apply office proto=TCP").Change.ID
	code := h.says("jun", "approve "+two).Plan.Code
	h.accepted("jun", "approve "+two+" "+code)
	three := h.accepted("boss", "apply test cipher=AES-256-CBC at=+2h").Change.ID
	return h, []string{one, two, three}, ended
}

// lastRecord is the id of the change that ended last.
func (r *harness) lastRecord() string {
	r.t.Helper()
	found, err := index.New(r.Store, r.Deps(r.t, "x").Log).Find(r.t.Context(), index.Search{Limit: 1, Requests: 7, Match: func(index.Row) bool { return true }})
	if err != nil || len(found.Rows) != 1 {
		r.t.Fatalf("found %+v, error %v", found, err)
	}
	return found.Rows[0].ID
}

func TestTheListHasWhatWaitsAndWhatEnded(t *testing.T) {
	t.Parallel()
	h, waits, ended := story(t)
	all := []string{waits[0], waits[1], waits[2], ended[1], ended[0]}
	for name, tt := range map[string]struct {
		who  string
		q    listing.Query
		want []string
	}{
		"all":              {"mei", listing.Query{}, all},
		"one by one":       {"mei", listing.Query{Limit: 1}, all},
		"by three":         {"mei", listing.Query{Limit: 3}, all},
		"what waits":       {"mei", listing.Query{Statuses: []change.Status{listing.Waits}, Limit: 2}, waits},
		"what ended":       {"mei", listing.Query{Statuses: []change.Status{listing.Ends}, Limit: 1}, []string{ended[1], ended[0]}},
		"a status":         {"mei", listing.Query{Statuses: []change.Status{change.Unchanged, change.Failed}}, ended[1:]},
		"a server":         {"mei", listing.Query{Server: "test", Limit: 1}, []string{waits[2], ended[1], ended[0]}},
		"a person":         {"mei", listing.Query{By: "MEI", Limit: 1}, []string{waits[0], ended[0]}},
		"an account":       {"mei", listing.Query{By: "slack:T1/jun"}, ended[1:]},
		"nobody":           {"mei", listing.Query{By: "ning"}, nil},
		"for a viewer":     {"eve", listing.Query{Limit: 1}, []string{waits[2], ended[1], ended[0]}},
		"of another time":  {"mei", listing.Query{Until: change.Bound{Ago: time.Hour}}, nil},
		"of the last hour": {"mei", listing.Query{Since: change.Bound{Ago: time.Hour}, Limit: 2}, all},
	} {
		got := listed(h.list(tt.who, tt.q))
		want := tt.want
		if name != "what ended" { // waiting changes list by server, then due time, and ids
			slices.Sort(got)
			want = slices.Sorted(slices.Values(want))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestTheListSaysWhatAChangeWaitsFor(t *testing.T) {
	t.Parallel()
	h, waits, ended := story(t)
	byID := map[string]listing.Change{}
	for _, c := range h.list("mei", listing.Query{}) {
		byID[c.ID] = c
	}
	one, two, three := byID[waits[0]], byID[waits[1]], byID[waits[2]]
	if one.Status != change.Waiting || one.Name != "office" || one.By != "mei" || one.Account != "slack:T1/mei" || one.Door != "chat" || one.Reason != "close 1194" ||
		one.Cause != "approval" || one.Why == "" || !one.Until.Equal(one.ExpiresAt) || one.Need != 1 || !slices.Equal(one.Approvers, []string{"jun", "lan", "boss"}) ||
		one.AgeMs < 0 || one.AgeMs > 60_000 || one.Requested[change.Port] != change.Number(1196) {
		t.Errorf("got %+v %+v", one, one.Wait)
	}
	if two.Need != 2 || !slices.Equal(two.ApprovedBy, []string{"jun"}) || !slices.Equal(two.Approvers, []string{"boss"}) {
		t.Errorf("got %+v %+v", two, two.Wait)
	}
	if three.Cause != "not-due" || !three.Until.Equal(three.DueAt) || three.DueAt.Before(three.AcceptedAt.Add(119*time.Minute)) {
		t.Errorf("got %+v %+v", three, three.Wait)
	}
	done := byID[ended[0]]
	if !done.Ended() || done.Status != change.Applied || done.By != "mei" || done.Account != "slack:T1/mei" || done.Name != "test" || done.EndedAt.IsZero() || done.TookMs <= 0 ||
		!slices.Equal(done.Changed, []change.Difference{{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}}) {
		t.Errorf("got %+v %+v", done, done.End)
	}
}

func TestWhatTheListRefuses(t *testing.T) {
	t.Parallel()
	h, waits, _ := story(t)
	d, _ := h.services()
	first, err := d.List(t.Context(), slack("mei"), listing.Query{Limit: 1})
	if err != nil || first.Page.Next == "" || first.Page.Changes[0].ID == "" {
		t.Fatalf("got %+v, error %v", first, err)
	}
	for name, tt := range map[string]struct {
		who  string
		q    listing.Query
		kind executor.Refusal
		rule string
	}{
		"a stranger":                {"nobody", listing.Query{}, executor.Forbidden, policy.RuleUnknownAccount},
		"a server that is hidden":   {"eve", listing.Query{Server: "office"}, executor.NotFound, executor.RuleUnknownServer},
		"an id that is hidden":      {"eve", listing.Query{Server: "vss-office"}, executor.Forbidden, policy.RuleNotPermitted},
		"no server":                 {"mei", listing.Query{Server: "nowhere"}, executor.NotFound, executor.RuleUnknownServer},
		"a cursor of another query": {"mei", listing.Query{Cursor: first.Page.Next, By: "jun"}, executor.Invalid, listing.RuleCursor},
		"a cursor that was made up": {"mei", listing.Query{Cursor: "x"}, executor.Invalid, listing.RuleCursor},
	} {
		ans, err := d.List(t.Context(), slack(tt.who), tt.q)
		if err != nil || ans.Outcome != executor.Refused || ans.Refusal != tt.kind || ans.Problems[0].Rule != tt.rule || ans.Page != nil {
			t.Errorf("%s: got %+v, error %v", name, ans, err)
		}
	}
	// The cursor of somebody else shows nothing of what they see.
	got := listed(h.list("eve", listing.Query{Limit: 1, Cursor: first.Page.Next}))
	if slices.Contains(got, waits[0]) || slices.Contains(got, waits[1]) || !slices.Contains(got, waits[2]) {
		t.Errorf("eve sees %v", got)
	}
}

// TestARowOutlivesItsWriter has a worker that wrote the record, and died before the row was
// there: the next drain writes the row before it deletes the entry.
func TestARowOutlivesItsWriter(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.accepted("mei", "apply test port=1195").Change.ID
	rec := record.Record{
		ID: id, Status: change.Applied, RegionID: h.test.RegionID, ServerID: h.test.ServerID, FinishedAt: time.Now(), AcceptedAt: time.Now(), DueAt: time.Now(),
		Origin: change.Origin{Kind: change.FromChat, Actor: "slack:T1/mei", Person: "mei"}, Identity: h.identity(id),
	}
	if _, err := record.NewRecords(h.Store).Write(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	h.drain(h.test)
	h.count("queue/", 0)
	if got := h.list("mei", listing.Query{}); len(got) != 1 || got[0].ID != id || got[0].Status != change.Applied {
		t.Errorf("listed %+v", got)
	}
}

// identity is that of a queued change.
func (r *harness) identity(id string) string {
	r.t.Helper()
	_, rec := r.services()
	_, pos, err := rec.Find(r.t.Context(), id)
	if err != nil || pos == nil {
		r.t.Fatalf("position %v, error %v", pos, err)
	}
	return pos.Entry.Identity
}

func TestCommandsOfTheList(t *testing.T) {
	t.Parallel()
	h, waits, ended := story(t)
	status := h.says("mei", "status")
	if len(status.Queue) != 3 || len(status.Page.Changes) != 3 || status.Page.Next != "" {
		t.Errorf("status lists %+v", status.Queue)
	}
	one := h.says("mei", "status limit=2")
	if len(one.Queue) != 2 || one.Page.Next == "" {
		t.Fatalf("status lists %+v", one.Queue)
	}
	rest := h.says("mei", "status limit=2 more="+one.Page.Next)
	if got := []string{one.Queue[0].ID, one.Queue[1].ID, rest.Queue[0].ID}; len(rest.Queue) != 1 || !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(waits))) {
		t.Errorf("status lists %v, then %+v", got, rest.Queue)
	}
	if mine := h.says("eve", "status"); len(mine.Queue) != 1 || mine.Queue[0].ID != waits[2] {
		t.Errorf("eve sees %+v", mine.Queue)
	}
	if of := h.says("mei", "status by=lan"); len(of.Queue) != 1 || of.Queue[0].ID != waits[1] {
		t.Errorf("status by=lan lists %+v", of.Queue)
	}
	for line, want := range map[string][]string{
		"history": {ended[1], ended[0]}, "history since=1h by=mei": {ended[0]}, "history test status=unchanged": {ended[1]},
		"history status=failed": nil, "历史 状态=等待中 申请人=lan": {waits[1]}, "history --since 7d --by jun": {ended[1]}, "history office since=1h": nil,
	} {
		if got := listed(h.says("mei", line).Page.Changes); !slices.Equal(got, want) {
			t.Errorf("%s lists %v, want %v", line, got, want)
		}
	}
	if old := h.says("mei", "history test limit=1"); old.Page != nil || len(old.History) != 1 || old.History[0].ID != ended[1] {
		t.Errorf("the history of a server is %+v", old)
	}
	h.refused("mei", "status more=x", executor.Invalid, listing.RuleCursor)
	h.refused("eve", "history office since=1h", executor.NotFound, executor.RuleUnknownServer)
}
