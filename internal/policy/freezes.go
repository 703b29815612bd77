package policy

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// serverFreeze is a freeze with its servers.
type serverFreeze struct {
	window.Freeze

	servers []selector
}

// freezes reads the freezes.
func (r *reader) freezes(root *document.Node) {
	names := map[string]string{} // in lower case, to paths
	for _, e := range r.mappings(root, "", keyFreezes, window.MaxFreezes, keyReason, keyOverride) {
		f := serverFreeze{servers: r.selectors(e)}
		f.Name = r.calendarName(e, names)
		f.Zone = r.exactZone(e)
		var from, until bool
		f.From, from = r.localTime(e, keyFrom)
		f.Until, until = r.localTime(e, keyUntil)
		if from && until && f.From >= f.Until {
			r.at(e, keyUntil, RuleFreezeEmpty, "until is not after from, so the freeze has no time", "write the first minute after the freeze")
		}
		if text, ok := r.text(e, keyReason); ok {
			if f.Reason = text; strings.TrimSpace(text) == "" || strings.ContainsAny(text, "\r\n\t") || utf8.RuneCountInString(text) > maxReasonLength {
				r.at(e, keyReason, RuleReasonFormat, fmt.Sprintf("the reason is empty, or has a line break, a tab, or more than %d characters", maxReasonLength), "write one line, or remove the key")
			}
		}
		f.Need = r.override(e)
		r.policy.freezes = append(r.policy.freezes, f)
	}
}

// localTime reads what a clock shows, such as 2026-11-10T00:00 or 2026-11-10T00:00:30.
func (r *reader) localTime(e entry, key string) (window.Clock, bool) {
	text, ok := r.text(e, key)
	if !ok {
		return 0, false
	}
	day, hours, _ := strings.Cut(text, "T")
	date, okay := parseDate(day)
	seconds := 0
	if minutes := len("15:04"); len(hours) == len("15:04:05") { // seconds are optional
		at, err := time.Parse(":05", hours[minutes:])
		ok, seconds, hours = err == nil, at.Second(), hours[:minutes]
	}
	at, valid := parseClock(hours)
	if !ok || !okay || !valid {
		r.at(e, key, RuleFreezeTimeFormat, shown(text)+" is not a date with a time of the day", "write a local time that exists, without an offset, such as 2026-11-10T00:00")
		return 0, false
	}
	return window.ClockOf(date, int(at)) + window.Clock(seconds), true
}

// override reads how many votes an override needs; 0 without the key.
func (r *reader) override(e entry) int {
	m, ok := e.Member(keyOverride)
	at := document.Join(e.path, keyOverride)
	if !ok || !r.IsKind(m, at, document.KindMapping) {
		return 0
	}
	inner := entry{m.Value, at}
	r.Keys(inner.Node, at, Keys()[keyOverride], nil)
	r.require(inner.Node, at, keyNeed)
	n, ok := inner.Member(keyNeed)
	if !ok {
		return 0
	}
	need, ok := r.Integer(n, at)
	if ok && (need < 1 || need > maxNeed) {
		r.at(inner, keyNeed, RuleNeedRange, fmt.Sprintf("need is %d", need), fmt.Sprintf("write 1 to %d; without override, nobody may override the freeze", maxNeed))
	}
	return need
}

// reachableOverrides checks that somebody can give the votes of overrides.
func (r *reader) reachableOverrides(root *document.Node, m *meetings) {
	for i, f := range r.policy.freezes {
		if f.Need == 0 {
			continue
		}
		if most := m.others(approval{servers: f.servers, settings: change.Fields()}); most < f.Need {
			path := indexed(keyFreezes, i) + "." + keyOverride + "." + keyNeed
			r.Add(change.Problem{
				Path: path, Line: root.LineAt(path), Rule: RuleNeedNotReachable, Message: notReachable(f.Need, most),
				Hint: "give more people the role approver for these servers, lower need, or remove override, so that nobody may override the freeze",
			})
		}
	}
}
