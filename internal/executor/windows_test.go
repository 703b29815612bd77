package executor_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
)

// windowed is the policy with a window for the port of office that opens in two hours for
// an hour, and a freeze of test that ends in an hour.
func (r *harness) windowed() (opens time.Time) {
	now := r.Clock.Now().UTC()
	const clock, local = "15:04", "2006-01-02T15:04"
	opens = now.Add(2 * time.Hour).Truncate(time.Minute)
	r.policy = rules + fmt.Sprintf(`
windows:
  - {name: soon, servers: [office], settings: [Port], timeZone: UTC, open: [{days: [mon, tue, wed, thu, fri, sat, sun], from: "%s", to: "%s"}]}
freezes:
  - {name: move, servers: [test], timeZone: UTC, from: "%s", until: "%s", reason: the rack is moved, override: {need: 2}}
`, opens.Format(clock), opens.Add(time.Hour).Format(clock), now.Add(-time.Hour).Format(local), now.Add(time.Hour).Format(local))
	return opens
}

func TestWindowsOfAServer(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	opens := r.windowed()
	ans := r.says("boss", "windows office")
	if ans.Outcome != executor.Shown || len(ans.Schedules) != 1 || ans.Server.Name != "office" || len(ans.Schedules[0].Parts) != 2 {
		t.Fatalf("%+v", ans)
	}
	p := ans.Schedules[0].Parts[slices.IndexFunc(ans.Schedules[0].Parts, func(p executor.Part) bool { return len(p.Windows) > 0 })]
	if p.Open || !p.OpensAt.Equal(opens) || !p.ClosesAt.IsZero() || !slices.Equal(p.Settings, []change.Field{change.Port}) || !slices.Equal(p.TimeZones, []string{"UTC"}) {
		t.Errorf("the part with a window: %+v", p)
	}
	if n := len(p.Spans); n != 7 || !p.Spans[0].From.Equal(opens) || !p.Spans[0].Until.Equal(opens.Add(time.Hour)) || p.Spans[0].Windows[0] != "soon" {
		t.Errorf("its openings: %+v", p.Spans)
	}
}

func TestWindowsOfAllServers(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.windowed()
	ans := r.says("eve", "windows") // she may view test alone
	if len(ans.Schedules) != 1 || ans.Schedules[0].Name != "test" || len(ans.Schedules[0].Parts) != 1 {
		t.Fatalf("%+v", ans.Schedules)
	}
	if p := ans.Schedules[0].Parts[0]; p.Open || p.Freeze != "move" || p.Reason != "the rack is moved" || len(p.Spans) != 1 || p.Spans[0].Need != 2 || len(p.Settings) != len(change.Fields()) {
		t.Errorf("%+v", p)
	}
	if ans := r.says("boss", "windows"); len(ans.Schedules) != 2 || ans.MoreServers != 0 {
		t.Errorf("%+v", ans.Schedules)
	}
	r.refused("eve", "windows office", executor.NotFound, executor.RuleUnknownServer)
}

// What reaches over the edge of the time has its own beginning and end.
func TestOpeningsAreWhole(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	opens := r.windowed()
	d, _ := r.services()
	from, until := opens.Add(20*time.Minute), opens.Add(24*time.Hour+10*time.Minute)
	ans, err := d.Windows(t.Context(), slack("boss"), executor.ScheduleQuery{Server: "office", From: from, Until: until})
	if err != nil || len(ans.Schedules) != 1 {
		t.Fatalf("%+v, %v", ans, err)
	}
	for _, p := range ans.Schedules[0].Parts {
		if len(p.Windows) == 0 {
			continue
		}
		if len(p.Spans) != 2 || !p.Spans[0].From.Equal(opens) || !p.Spans[1].Until.Equal(opens.Add(25*time.Hour)) {
			t.Errorf("%+v", p.Spans)
		}
	}
}

func TestAnswersSayWhenAChangeMayBeSent(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	opens := r.windowed()
	if g := r.says("mei", "plan office port=1195").Plan.Window; g == nil || g.Open || !g.OpensAt.Equal(opens) || !slices.Equal(g.Windows, []string{"soon"}) {
		t.Errorf("the plan says %+v", g)
	}
	if g := r.says("mei", "plan office compress=yes").Plan.Window; g != nil {
		t.Errorf("the plan of a setting without a window says %+v", g)
	}
	at := opens.Add(30 * time.Minute)
	if g := r.says("mei", "plan office port=1195 at="+at.Format(time.RFC3339)).Plan.Window; g == nil || !g.Open || !g.ClosesAt.Equal(opens.Add(time.Hour)) {
		t.Errorf("the plan for later says %+v", g)
	}
	ans := r.accepted("mei", "apply office port=1195 until="+opens.Add(48*time.Hour).Format(time.RFC3339))
	if g := ans.Change.Window; g == nil || g.Open || !g.OpensAt.Equal(opens) {
		t.Errorf("the answer says %+v", g)
	}
	if g := r.says("mei", "status "+ans.Change.ID).Change.Window; g == nil || !g.OpensAt.Equal(opens) {
		t.Errorf("status says %+v", g)
	}
	page := r.says("mei", "status").Page
	if len(page.Changes) != 1 || page.Changes[0].Window == nil || !page.Changes[0].Window.OpensAt.Equal(opens) {
		t.Errorf("the list says %+v", page.Changes)
	}
	if g := r.says("mei", "plan test port=1195").Plan.Window; g == nil || g.Freeze != "move" {
		t.Errorf("the plan in a freeze says %+v", g)
	}
	if g := r.accepted("mei", "apply test port=1195 --dry-run").Change.Window; g != nil {
		t.Errorf("a dry run says %+v", g)
	}
}
