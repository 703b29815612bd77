package wording_test

import (
	"maps"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/approval"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// nights are the openings of a window on the nights after noon.
func nights(days int) []executor.ScheduleSpan {
	var out []executor.ScheduleSpan
	for d := range days {
		from := noon().Add(10*time.Hour).AddDate(0, 0, d)
		if day := from.Weekday(); day != time.Saturday && day != time.Sunday {
			out = append(out, executor.ScheduleSpan{From: from, Until: from.Add(8 * time.Hour), Windows: []string{"nights"}})
		}
	}
	return out
}

func schedule(name string, parts ...executor.Part) executor.Schedule {
	return executor.Schedule{Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-" + name}, Name: name, Parts: parts}
}

func always() executor.Part { return executor.Part{Settings: change.Fields(), Open: true} }

// windowed is a part that a window closes at noon.
func windowed(spans []executor.ScheduleSpan) executor.Part {
	return executor.Part{
		Settings: []change.Field{change.Port, change.Proto}, Windows: []string{"nights"}, TimeZones: []string{"Asia/Shanghai"}, OpensAt: noon().Add(34 * time.Hour), Spans: spans,
	}
}

func others(p executor.Part) executor.Part {
	p.Settings = []change.Field{change.Name, change.Compress}
	return p
}

// frozen is a part that a freeze closes at noon.
func frozen() executor.Part {
	p := always()
	p.Open, p.OpensAt, p.Freeze, p.Reason = false, noon().Add(48*time.Hour), "double-eleven", "双十一"
	p.Spans = []executor.ScheduleSpan{
		{From: noon().Add(-12 * time.Hour), Until: noon().Add(48 * time.Hour), Freeze: "double-eleven", Reason: "双十一", Need: 2},
		{From: noon().Add(96 * time.Hour), Until: noon().Add(97 * time.Hour), Freeze: "cutover"},
	}
	return p
}

func windowAnswers() []one {
	open := windowed(append([]executor.ScheduleSpan{
		{From: noon().Add(-3 * time.Hour), Until: noon().Add(time.Hour), Windows: []string{"sunday", "nights"}},
		{From: noon().Add(2 * time.Hour), Until: noon().Add(12 * time.Hour), Windows: []string{"sunday"}},
		{From: noon().Add(30 * 24 * time.Hour), Until: noon().Add(33 * 24 * time.Hour), Windows: []string{"holidays"}},
	}, nights(3)...))
	open.Open, open.OpensAt, open.ClosesAt = true, time.Time{}, noon().Add(time.Hour)
	never := windowed(nil)
	never.OpensAt = time.Time{}
	endless := frozen()
	endless.OpensAt, endless.Spans = time.Time{}, endless.Spans[:1]
	lasting := windowed(nil)
	lasting.Open, lasting.OpensAt = true, time.Time{}
	of := func(parts ...executor.Part) executor.Answer {
		return answer("windows office", executor.Shown, executor.Answer{Server: office(), Schedules: []executor.Schedule{schedule("office", parts...)}})
	}
	return []one{
		says("windows of a server that is always open", of(always())),
		says("windows that are closed now", of(windowed(nights(7)), others(always()))),
		says("windows of which one is open now", of(open)),
		says("windows that never open", of(never)),
		says("a window that does not close", of(lasting)),
		says("a freeze", of(frozen())),
		says("a freeze without an end", of(endless)),
		says("windows of several servers", answer("windows", executor.Shown, executor.Answer{Schedules: []executor.Schedule{
			schedule("office", windowed(nights(7)), others(always())), schedule("lab", always()), schedule("test", always()), schedule("shop", frozen()),
		}, MoreServers: 3})),
		says("windows of no server", answer("windows", executor.Shown, executor.Answer{})),
	}
}

// gates are answers about changes that windows and freezes let through, or hold back.
func gates() []one {
	hours := func(n int) time.Time { return noon().Add(time.Duration(n) * time.Hour) }
	nights := []string{"nights"}
	all := map[string]*change.Gate{
		"open until":   {Open: true, ClosesAt: hours(2), Windows: nights},
		"open":         {Open: true, Windows: nights},
		"until freeze": {Open: true, ClosesAt: hours(30)},
		"closed":       {OpensAt: hours(10), Windows: nights},
		"frozen":       {OpensAt: hours(50), Freeze: "double-eleven", Reason: "双十一"},
		"frozen ever":  {Freeze: "double-eleven"},
		"never":        {Windows: nights},
	}
	var out []one
	for _, name := range slices.Sorted(maps.Keys(all)) {
		g := all[name]
		p := shows(portDiff()...)
		p.Window = g
		gated := func(c *executor.Change) { c.Window = g }
		out = append(out,
			says("plan: "+name, answer("plan office port=1195", executor.Shown, executor.Answer{Server: office(), Plan: p})),
			says("queued: "+name, answer("apply office port=1195", executor.Accepted, executor.Answer{Server: office(), Change: queuedChange(gated)})))
		if !g.Open {
			waits := queuedChange(stands(change.Waiting, reconcile.CauseWindow, "the window nights is closed"), gated)
			out = append(out,
				says("status: "+name, answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: waits})),
				says("status of all: "+name, answer("status", executor.Shown, executor.Answer{Queue: []executor.Change{*waits}})))
		}
	}
	later := queuedChange(func(c *executor.Change) { c.Window, c.Due = all["open until"], hours(1) })
	out = append(out,
		says("queued for later", answer("apply office port=1195 at=2026-11-22T13:00+08:00", executor.Accepted, executor.Answer{Server: office(), Change: later})),
		says("status after the policy was changed", answer("status "+id, executor.Shown, executor.Answer{Server: office(), Change: queuedChange(stands(change.Waiting, reconcile.CauseWindow, "the window nights is closed"))})))
	return out
}

// cards are requests for approval of changes with windows.
func cards() []one {
	of := func(g *change.Gate) approval.Change {
		q := queuedChange()
		c := change.Change{Request: change.Request{Target: q.Target, Patch: q.Patch, ExpiresAt: noon().Add(24 * time.Hour)}, ID: id, Approvals: 1, AcceptedAt: noon(), DueAt: noon()}
		return approval.Change{Change: c, Server: "office", Phase: approval.Waits, Window: g, Approvers: []string{"jun"}, Plan: approval.Plan{Seen: true, Changed: portDiff()}}
	}
	asks := func(name string, all ...approval.Change) one {
		return one{name, func(w wording.Writer) chat.Text {
			return w.Asking(approval.View{Changes: all, Zone: noon().Location()})
		}}
	}
	open, closed := &change.Gate{Open: true, ClosesAt: noon().Add(time.Hour), Windows: []string{"nights"}}, &change.Gate{OpensAt: noon().Add(10 * time.Hour), Windows: []string{"nights"}}
	return []one{
		asks("a card while the window is open", of(open)), asks("a card while the window is closed", of(closed)),
		asks("a card while no freeze is near", of(&change.Gate{Open: true, ClosesAt: noon().Add(time.Hour)})),
		asks("a card of several changes", of(closed), of(nil)),
	}
}
