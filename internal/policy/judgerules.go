package policy

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// changes judges a test about changes of settings.
func (j *judge) changes(t test) (message, hint string, cases int) {
	servers := j.targets(t.servers)
	for _, setting := range t.slots() {
		for server := range servers.all() {
			says := t.claim(j, setting, server)
			if says == "" {
				continue
			}
			if cases++; cases == 1 {
				message = string(j.settings[setting]) + " of " + j.name(server) + " " + says
			}
			if cases > maxCases {
				break
			}
		}
	}
	return message, "correct " + t.rules + ", or correct the test", cases
}

// need is Policy.Approvals of one setting, with the rule that says so.
func (j *judge) need(setting, server int) (need int, by string) {
	for i, a := range j.policy.approvals {
		if a.need > need && j.approvals[i].is(setting, server) {
			need, by = a.need, indexed(keyApprovals, i)
		}
	}
	return need, by
}

// limit is Policy.limit of one setting, with the rule that says so; none without one.
func (j *judge) limit(approval bool, setting, server int) (most int, by string) {
	most = none
	for i, g := range j.policy.guards {
		if g.approval == approval && j.guards[i].is(setting, server) && (most == none || g.most < most) {
			most, by = g.most, indexed(keyGuards, i)
		}
	}
	return most, by
}

// confirmation is Policy.Confirmation of one setting, with the rules that say so.
func (j *judge) confirmation(setting, server int) (out change.Confirmation, by string) {
	var rules []string
	for i, c := range j.policy.confirmations {
		if !j.confirmations[i].is(setting, server) {
			continue
		}
		if out.For == 0 || c.confirm.For < out.For {
			out.For = c.confirm.For
		}
		out.Proof = out.Proof || c.confirm.Proof
		rules = append(rules, indexed(keyConfirmations, i))
	}
	return out, someOf(rules)
}

// windowsOf are the windows of a setting of a server.
func (j *judge) windowsOf(setting, server int) set {
	out := newSet(window.MaxWindows)
	for i, w := range j.windows {
		if w.is(setting, server) {
			out.add(i)
		}
	}
	return out
}

// calendarKey is what decides whether a change may be sent at a time.
type calendarKey struct {
	windows, freezes uint64
	second           int64
}

// gate is Policy.Gate of one setting, without when that changes. Each time is looked at once
// for all servers with the same windows and freezes; ok is false after too many.
func (j *judge) gate(setting, server int, at time.Time) (v window.Verdict, ok bool) {
	freezes := newSet(window.MaxFreezes)
	for i, f := range j.freezes {
		if f.is(setting, server) {
			freezes.add(i)
		}
	}
	windows := j.windowsOf(setting, server)
	key := calendarKey{windows[0], freezes[0], at.Unix()}
	if v, ok = j.calendars[key]; ok {
		return v, true
	}
	if len(j.calendars) == maxTestedTimes {
		return v, false
	}
	var c window.Calendar
	for i := range windows.all() {
		w := j.policy.windows[i].Window
		w.Settings = j.settings[setting : setting+1]
		c.Windows = append(c.Windows, w)
	}
	for i := range freezes.all() {
		c.Freezes = append(c.Freezes, j.policy.freezes[i].Freeze)
	}
	v = c.At(window.Question{Settings: j.settings[setting : setting+1]}, at)
	j.calendars[key] = v
	return v, true
}

// namesOf lists windows.
func (j *judge) namesOf(windows set) []string {
	var out []string
	for i := range windows.all() {
		out = append(out, j.policy.windows[i].Name)
	}
	return out
}
