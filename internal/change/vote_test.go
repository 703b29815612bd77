package change_test

import (
	"maps"
	"regexp"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// A plan digest differs when any part of the plan does.
func TestPlanDigest(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ask := func(edit func(*change.Change)) change.Change {
		c := change.Change{ID: "20261122-abcdefghij", DueAt: at, Request: change.Request{
			ExpiresAt: at.Add(24 * time.Hour), Patch: change.Patch{change.Port: change.Number(1195)},
		}}
		if edit != nil {
			edit(&c)
		}
		return c
	}
	before := change.Settings{change.Port: change.Number(1194), change.Proto: change.Text("UDP")}
	shown := change.PlanDigest(ask(nil), before)
	if !regexp.MustCompile(`^[a-z2-7]{52}$`).MatchString(shown) || change.Code(shown) != shown[:8] {
		t.Fatalf("it is %q, its code %q", shown, change.Code(shown))
	}
	if again := change.PlanDigest(ask(nil), maps.Clone(before)); again != shown {
		t.Errorf("shown again it is %q", again)
	}
	for name, same := range map[string]change.Change{
		"a value that the server already has": ask(func(c *change.Change) { c.Patch[change.Proto] = change.Text("UDP") }),
		"the same instant in another zone":    ask(func(c *change.Change) { c.DueAt = at.In(time.FixedZone("+8", 8*3600)) }),
	} {
		if got := change.PlanDigest(same, before); got != shown {
			t.Errorf("%s makes it %q", name, got)
		}
	}
	if want := "e5xo5mk65otncyqdwpo7njpmvyp2pbwxytmpjsfp7xfy6glypnqa"; shown != want {
		t.Errorf("of a change without guards it is %q, and earlier versions stored %q", shown, want)
	}
	seen := map[string]string{shown: "the first"}
	for name, other := range map[string]string{
		"another change":     change.PlanDigest(ask(func(c *change.Change) { c.ID = "20261122-abcdefghik" }), before),
		"another value":      change.PlanDigest(ask(func(c *change.Change) { c.Patch[change.Port] = change.Number(1196) }), before),
		"another setting":    change.PlanDigest(ask(func(c *change.Change) { c.Patch = change.Patch{change.Proto: change.Text("TCP")} }), before),
		"a setting more":     change.PlanDigest(ask(func(c *change.Change) { c.Patch[change.Proto] = change.Text("TCP") }), before),
		"another due time":   change.PlanDigest(ask(func(c *change.Change) { c.DueAt = at.Add(time.Hour) }), before),
		"another expiry":     change.PlanDigest(ask(func(c *change.Change) { c.ExpiresAt = at.Add(25 * time.Hour) }), before),
		"times exchanged":    change.PlanDigest(ask(func(c *change.Change) { c.DueAt, c.ExpiresAt = c.ExpiresAt, c.DueAt }), before),
		"the value before":   change.PlanDigest(ask(nil), change.Settings{change.Port: change.Number(1193), change.Proto: change.Text("UDP")}),
		"the value beside":   change.PlanDigest(ask(nil), change.Settings{change.Port: change.Number(1194), change.Proto: change.Text("TCP")}),
		"no value beside":    change.PlanDigest(ask(nil), change.Settings{change.Port: change.Number(1194)}),
		"a number as a text": change.PlanDigest(ask(nil), change.Settings{change.Port: change.Text("1194"), change.Proto: change.Text("UDP")}),
		"a time to confirm":  change.PlanDigest(ask(func(c *change.Change) { c.Confirm.For = 10 * time.Minute }), before),
		"another time":       change.PlanDigest(ask(func(c *change.Change) { c.Confirm.For = 20 * time.Minute }), before),
		"a proof to confirm": change.PlanDigest(ask(func(c *change.Change) { c.Confirm = change.Confirmation{For: 10 * time.Minute, Proof: true} }), before),
		"a condition":        change.PlanDigest(ask(func(c *change.Change) { c.Idle = 5 }), before),
		"nothing":            change.PlanDigest(change.Change{}, nil),
	} {
		if like, ok := seen[other]; ok {
			t.Errorf("%s is shown like %s", name, like)
		}
		seen[other] = name
	}
}

// The digest of the version before this one, from a queue that was written by it.
func TestApprovalsOfEarlierVersionsCount(t *testing.T) {
	t.Parallel()
	c := change.Change{ID: "20261122-abcdefghij", Request: change.Request{Patch: change.Patch{change.Port: change.Number(1195)}}}
	before := change.Settings{change.Port: change.Number(1194), change.Proto: change.Text("UDP")}
	v := change.Vote{Kind: change.Approval, Digest: "ad4hwli6o2a3vf6e5rskzbr6kpkh6fcvkiewhljd6joy2si2jo2q"}
	if !v.Approves(c, before) {
		t.Error("it does not count")
	}
	guarded := c
	if guarded.Idle = 5; v.Approves(guarded, before) {
		t.Error("it counts for a change with a condition, which those versions did not know")
	}
	if c.Patch[change.Port] = change.Number(1196); v.Approves(c, before) {
		t.Error("it counts for another plan")
	}
	if (change.Vote{Kind: change.Approval}).Approves(c, before) {
		t.Error("an approval of nothing counts")
	}
}

func TestCodesOfShortTexts(t *testing.T) {
	t.Parallel()
	for digest, want := range map[string]string{"": "", "abc": "abc", "abcdefgh": "abcdefgh", "abcdefghi": "abcdefgh"} {
		if got := change.Code(digest); got != want {
			t.Errorf("the code of %q is %q", digest, got)
		}
	}
}

func TestApprovalsLapseAfterADay(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	v := change.Vote{At: at}
	for after, want := range map[time.Duration]bool{-time.Hour: false, 0: false, 24*time.Hour - 1: false, 24 * time.Hour: true, 48 * time.Hour: true} {
		if v.Lapsed(at.Add(after)) != want {
			t.Errorf("after %s: lapsed %v", after, !want)
		}
	}
}
