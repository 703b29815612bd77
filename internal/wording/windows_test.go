package wording_test

import (
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/executor"
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
