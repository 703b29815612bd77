package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// progress shows the state while waiting: one overwritten line on a terminal, a new line
// for each change of state otherwise.
type progress struct {
	t       *terminal
	line    *line // nil where there is no terminal
	started time.Time
	last    string
}

// redraw is the interval in which the line on a terminal follows its width.
const redraw = 200 * time.Millisecond

func newProgress(t *terminal) *progress {
	p := &progress{t: t, started: time.Now()}
	if t.columns != nil {
		p.line = startLine(t.err, t.columns, redraw)
	}
	return p
}

func (p *progress) show(changes []remote.Change, trouble error) {
	now := standings(changes)
	if trouble != nil {
		now += " (" + explain(trouble).message + "; trying again)"
	}
	if p.line != nil {
		next := soonest(changes)
		p.line.show(func() string {
			text := elapsed(time.Since(p.started)) + "  " + now
			if !next.IsZero() {
				text += "; next attempt " + when(next)
			}
			return text
		})
		return
	}
	if now != p.last { // a new time of the next attempt alone is not shown
		p.t.note("%s", now)
	}
	p.last = now
}

// end clears the line for the result.
func (p *progress) end() {
	if p.line != nil {
		p.line.end()
	}
}

// elapsed is a time in whole seconds: it is shown while it passes.
func elapsed(d time.Duration) string {
	seconds := int(d.Seconds())
	if seconds < 60 {
		return fmt.Sprintf("%d s", seconds)
	}
	return fmt.Sprintf("%d min %02d s", seconds/60, seconds%60)
}

// soonest is the earliest next attempt of the changes; zero if unknown. That of a change
// that is being applied is for another worker, should this one die.
func soonest(changes []remote.Change) time.Time {
	var next time.Time
	for _, ch := range changes {
		if !ch.Status.Final() && ch.Status != change.Applying && !ch.Expires() && ch.Cause != "window" && !ch.NextAttemptAt.IsZero() && (next.IsZero() || ch.NextAttemptAt.Before(next)) {
			next = ch.NextAttemptAt
		}
	}
	return next
}

// reason is why a change has not ended.
func reason(ch remote.Change) string {
	if ch.Cause == "window" && ch.Window != nil && !ch.Window.Open {
		return here().Waits(*ch.Window)
	}
	return ch.Why
}

// standings summarizes the statuses of the changes, and why the first one waits.
func standings(changes []remote.Change) string {
	if len(changes) == 1 {
		return strings.TrimSuffix(fmt.Sprintf("%s: %s: %s", changes[0].ID, changes[0].Status, reason(changes[0])), ": ")
	}
	counts := map[change.Status]int{}
	var order []string
	why := ""
	for _, ch := range changes {
		if counts[ch.Status]++; counts[ch.Status] == 1 {
			order = append(order, string(ch.Status))
		}
		if why == "" && !ch.Status.Final() {
			why = reason(ch)
		}
	}
	for i, s := range order {
		order[i] = fmt.Sprintf("%d %s", counts[change.Status(s)], s)
	}
	if why != "" {
		why = " (" + why + ")"
	}
	return strings.Join(order, ", ") + why
}
