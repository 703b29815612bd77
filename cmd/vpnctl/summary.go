package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
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

// server is what a document does on one server: how many changes end how, and the
// difference that they make together.
type server struct {
	name    string
	order   []string
	counts  map[string]int
	changed map[change.Field]change.Difference
}

// byServer are servers in the order in which a document names them.
type byServer struct {
	servers []*server
	known   map[string]*server
}

func (b *byServer) of(region, id string) *server {
	name := "server unknown" // until a change has ended, only its id is known
	if id != "" {
		name = id + " (" + region + ")"
	}
	s := b.known[name]
	if s == nil {
		s = &server{name: name, counts: map[string]int{}, changed: map[change.Field]change.Difference{}}
		if b.known == nil {
			b.known = map[string]*server{}
		}
		b.known[name] = s
		b.servers = append(b.servers, s)
	}
	return s
}

// String has the servers one below the other.
func (b *byServer) String() string {
	parts := make([]string, 0, len(b.servers))
	for _, s := range b.servers {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, "\n")
}

// renderServers summarizes changes by server.
func renderServers(changes []remote.Change) string {
	var all byServer
	for _, ch := range changes {
		s := all.of(ch.RegionID, ch.ServerID)
		s.count(string(ch.Status))
		if ch.Status == change.Applied {
			s.add(ch.Changed)
		}
	}
	return all.String()
}

// planServers summarizes plans by server.
func planServers(plans []remote.Plan) string {
	var all byServer
	for _, p := range plans {
		s := all.of(p.RegionID, p.ServerID)
		switch {
		case len(p.Problems) > 0:
			s.count("would be refused")
		case len(p.Changed) == 0:
			s.count("unchanged")
		default:
			s.count("planned")
			s.add(p.Changed)
		}
	}
	return all.String()
}

func (s *server) count(what string) {
	if s.counts[what]++; s.counts[what] == 1 {
		s.order = append(s.order, what)
	}
}

// add takes the difference that a change makes after those before it.
func (s *server) add(changed []change.Difference) {
	for _, d := range changed {
		if first, again := s.changed[d.Field]; again {
			d.From = first.From
		}
		s.changed[d.Field] = d
	}
}

// String shows the counts and the difference.
func (s *server) String() string {
	counts := make([]string, 0, len(s.order))
	for _, what := range s.order {
		counts = append(counts, fmt.Sprintf("%d %s", s.counts[what], what))
	}
	var diffs []change.Difference
	for _, f := range change.Fields() {
		if d, ok := s.changed[f]; ok {
			diffs = append(diffs, d)
		}
	}
	return s.name + "  " + strings.Join(counts, ", ") + renderDifferences(diffs)
}

// firstOf gives the first few that a test selects, and how many others there are.
func firstOf[T any](all []T, is func(T) bool) (some []T, others int) {
	for _, one := range all {
		switch {
		case !is(one):
		case len(some) < maxRendered:
			some = append(some, one)
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
