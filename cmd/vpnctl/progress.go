package main

import (
	"fmt"
	"strings"
	"time"

	"sslvpnchange/cmd/vpnctl/internal/remote"
	"sslvpnchange/internal/change"
)

// progress shows the state while waiting: one overwritten line on a terminal,
// a new line for each change of state otherwise.
type progress struct {
	t       *terminal
	started time.Time
	last    string
}

func newProgress(t *terminal) *progress { return &progress{t: t, started: time.Now()} }

func (p *progress) show(changes []remote.Change) {
	line := standings(changes)
	if p.t.live {
		if next := soonest(changes); !next.IsZero() {
			line += "; next attempt " + when(next)
		}
		_, _ = fmt.Fprintf(p.t.err, "\r\x1b[K%s  %s", short(time.Since(p.started)), visible(line))
		return
	}
	if line != p.last { // a new time of the next attempt alone is not shown
		p.t.note("%s", line)
	}
	p.last = line
}

// end clears the line for the result.
func (p *progress) end() {
	if p.t.live {
		_, _ = fmt.Fprint(p.t.err, "\r\x1b[K")
	}
}

// soonest is the earliest next attempt of the changes; zero if unknown.
func soonest(changes []remote.Change) time.Time {
	var next time.Time
	for _, ch := range changes {
		if !ch.Status.Final() && !ch.Expires() && !ch.NextAttemptAt.IsZero() && (next.IsZero() || ch.NextAttemptAt.Before(next)) {
			next = ch.NextAttemptAt
		}
	}
	return next
}

// standings summarizes the statuses of the changes, and why the first one waits.
func standings(changes []remote.Change) string {
	if len(changes) == 1 {
		return strings.TrimSuffix(fmt.Sprintf("%s: %s: %s", changes[0].ID, changes[0].Status, changes[0].Why), ": ")
	}
	counts := map[change.Status]int{}
	var order []string
	why := ""
	for _, ch := range changes {
		if counts[ch.Status]++; counts[ch.Status] == 1 {
			order = append(order, string(ch.Status))
		}
		if why == "" && !ch.Status.Final() {
			why = ch.Why
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
