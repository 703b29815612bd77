package main

import (
	"fmt"
	"slices"
	"strings"

	"sslvpnchange/cmd/vpnctl/internal/remote"
	"sslvpnchange/internal/change"
)

// Bounds of what is printed. One document can have a thousand changes, each of which was
// merged with all others.
const (
	maxRendered = 20 // changes that are shown one by one
	maxMerged   = 3  // ids of the changes that one was merged with
)

// succeeded reports which of the changes of one document ended as their author wants. A
// change that a later one of the same document set again is no failure: the document
// says so itself.
func succeeded(changes []remote.Change) func(remote.Change) bool {
	own := map[string]bool{}
	for _, ch := range changes {
		own[ch.ID] = true
	}
	return func(ch remote.Change) bool {
		switch ch.Status {
		case change.Applied, change.Unchanged, change.Planned:
			return true
		case change.Superseded:
			for _, by := range ch.SupersededBy {
				if !own[by] {
					return false
				}
			}
			return len(ch.SupersededBy) > 0
		case change.Queued, change.Waiting, change.Applying, change.Rejected, change.Failed, change.Expired, change.Cancelled:
			return false
		default:
			return false
		}
	}
}

// exitOfChanges is the exit status for the changes of one document: what failed counts
// before what waits.
func exitOfChanges(changes []remote.Change) int {
	good, exit := succeeded(changes), exitDone
	for _, ch := range changes {
		switch {
		case good(ch):
		case ch.Status.Final():
			return exitFailed
		case ch.Unapproved() && exit == exitDone:
			exit = exitUnapproved
		case !ch.Unapproved():
			exit = exitUnended
		}
	}
	return exit
}

// server is what a document changed on one server.
type server struct {
	name    string
	order   []change.Status
	counts  map[change.Status]int
	changed map[change.Field]change.Difference
}

// renderServers summarizes changes by server: how many ended how, and the difference
// that they made together.
func renderServers(changes []remote.Change) string {
	var servers []*server
	known := map[string]*server{}
	for _, ch := range changes {
		name := "server unknown" // until it has ended, only the id is known
		if ch.ServerID != "" {
			name = ch.ServerID + " (" + ch.RegionID + ")"
		}
		s := known[name]
		if s == nil {
			s = &server{name: name, counts: map[change.Status]int{}, changed: map[change.Field]change.Difference{}}
			known[name] = s
			servers = append(servers, s)
		}
		s.add(ch)
	}
	parts := make([]string, 0, len(servers))
	for _, s := range servers {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, "\n")
}

func (s *server) add(ch remote.Change) {
	if s.counts[ch.Status]++; s.counts[ch.Status] == 1 {
		s.order = append(s.order, ch.Status)
	}
	if ch.Status != change.Applied {
		return
	}
	for _, d := range ch.Changed {
		if first, again := s.changed[d.Field]; again {
			d.From = first.From
		}
		s.changed[d.Field] = d
	}
}

// String shows the counts and the difference.
func (s *server) String() string {
	counts := make([]string, 0, len(s.order))
	for _, status := range s.order {
		counts = append(counts, fmt.Sprintf("%d %s", s.counts[status], status))
	}
	var diffs []change.Difference
	for _, f := range change.Fields() {
		if d, ok := s.changed[f]; ok {
			diffs = append(diffs, d)
		}
	}
	return s.name + "  " + strings.Join(counts, ", ") + renderDifferences(diffs)
}

// firstOf gives the first few changes that a test selects, and how many others there are.
func firstOf(changes []remote.Change, is func(remote.Change) bool) (some []remote.Change, others int) {
	for _, ch := range changes {
		switch {
		case !is(ch):
		case len(some) < maxRendered:
			some = append(some, ch)
		default:
			others++
		}
	}
	return some, others
}

// mergedWith names the first few changes that a change was merged with.
func mergedWith(ids []string) string {
	if len(ids) <= maxMerged {
		return strings.Join(ids, ", ")
	}
	return strings.Join(slices.Clone(ids[:maxMerged]), ", ") + " and " + plural(len(ids)-maxMerged, "other")
}
