package main

import (
	"fmt"
	"strings"
	"time"

	"sslvpnchange/cmd/vpnctl/internal/remote"
	"sslvpnchange/internal/change"
)

// progress shows how waiting goes: one line written over on a screen, a line
// for each news elsewhere.
type progress struct {
	t       *terminal
	started time.Time
	last    string
}

func newProgress(t *terminal) *progress { return &progress{t: t, started: time.Now()} }

func (p *progress) show(changes []remote.Change) {
	line := standings(changes)
	if p.t.live {
		_, _ = fmt.Fprintf(p.t.err, "\r\x1b[K%s  %s", short(time.Since(p.started)), line)
		return
	}
	if line != p.last {
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

// standings says how many changes are where, and why the first one waits.
func standings(changes []remote.Change) string {
	if len(changes) == 1 {
		return strings.TrimSuffix(fmt.Sprintf("%s: %s: %s", changes[0].ID, changes[0].Status, standing(changes[0])), ": ")
	}
	counts := map[change.Status]int{}
	var order []string
	why := ""
	for _, ch := range changes {
		if counts[ch.Status]++; counts[ch.Status] == 1 {
			order = append(order, string(ch.Status))
		}
		if why == "" && !ch.Status.Final() {
			why = standing(ch)
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
