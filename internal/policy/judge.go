package policy

import (
	"fmt"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// none is that no guard applies, and noSetting what does not depend on settings.
const (
	none      = -1
	noSetting = -1
)

// judge compares tests with a policy. It works out once, and for all servers at a time,
// what the methods of Policy work out for one: tests ask about all of them.
type judge struct {
	*meetings

	settings      []change.Field
	approvals     []scope
	guards        []scope
	confirmations []scope
	windows       []scope
	freezes       []scope

	named     set                        // the servers that have a name
	able      map[Permission][]abilities // made when it is first needed
	calendars map[calendarKey]window.Verdict
}

// scope is what a rule is about.
type scope struct {
	settings uint16 // a bit for each of change.Fields
	servers  set
}

// is reports whether the rule is about a setting of a server.
func (c scope) is(setting, server int) bool {
	return (setting == noSetting || c.settings&(1<<setting) != 0) && c.servers.has(server)
}

// abilities are, for each person, the servers for which the person has a permission.
type abilities []set

// judge adds a problem for each test that does not hold.
func (r *reader) judge() {
	if len(r.stated) == 0 {
		return
	}
	j := newJudge(r.policy, r.unlisted)
	for _, t := range r.stated {
		var message, hint string
		var cases int
		if t.who != nil {
			message, hint, cases = j.people(t)
		} else {
			message, hint, cases = j.changes(t)
		}
		switch {
		case cases > maxCases:
			message += fmt.Sprintf(" (and at least %d more)", maxCases)
		case cases > 1:
			message += fmt.Sprintf(" (and %d more)", cases-1)
		}
		if cases > 0 {
			r.on(t.at, RuleTestFailed, fmt.Sprintf("%q", t.at.Text)+" does not hold: "+message, hint)
		}
	}
}

func newJudge(p *Policy, unlisted []change.Target) *judge {
	known := *p
	known.servers = slices.Clone(p.servers)
	for _, t := range unlisted {
		known.servers = append(known.servers, Server{Target: t})
	}
	j := &judge{meetings: newMeetings(&known), settings: change.Fields(), able: map[Permission][]abilities{}, calendars: map[calendarKey]window.Verdict{}, named: newSet(len(known.servers))}
	for i := range p.servers {
		j.named.add(i)
	}
	for _, a := range p.approvals {
		j.approvals = append(j.approvals, j.scope(a.servers, a.settings))
	}
	for _, g := range p.guards {
		j.guards = append(j.guards, j.scope(g.servers, g.settings))
	}
	for _, c := range p.confirmations {
		j.confirmations = append(j.confirmations, j.scope(c.servers, c.settings))
	}
	for _, w := range p.windows {
		j.windows = append(j.windows, j.scope(w.servers, w.Settings))
	}
	for _, f := range p.freezes {
		j.freezes = append(j.freezes, j.scope(f.servers, j.settings))
	}
	return j
}

// scope is not inlined, because it is called in many places.
//
//go:noinline
func (j *judge) scope(servers []selector, settings []change.Field) scope {
	return scope{maskOf(settings), j.about(servers).servers}
}

//go:noinline
func maskOf(settings []change.Field) uint16 {
	out := uint16(0)
	for i, f := range change.Fields() {
		if slices.Contains(settings, f) {
			out |= 1 << i
		}
	}
	return out
}

// targets are the servers of a test. A pattern is about servers that have a name.
func (j *judge) targets(selectors []selector) set {
	out := newSet(len(j.policy.servers))
	for _, s := range selectors {
		found := slices.Clone(j.about([]selector{s}).servers)
		if !s.literal() {
			found.keep(j.named)
		}
		out.join(found)
	}
	return out
}

// name is what the policy calls a server.
func (j *judge) name(server int) string {
	s := j.policy.servers[server]
	if s.Name == "" {
		return s.String()
	}
	return s.Name
}

// has are the servers for which a person has a permission for a setting; for noSetting, for
// any setting.
func (j *judge) has(perm Permission, setting, person int) set {
	if j.able[perm] == nil {
		j.able[perm] = j.abilities(perm)
	}
	if perm == Read || setting == noSetting {
		setting = len(change.Fields())
	}
	return j.able[perm][setting][person]
}

// abilities works out a permission for each setting, and for any setting.
func (j *judge) abilities(perm Permission) []abilities {
	out := make([]abilities, len(change.Fields())+1)
	for i := range out {
		out[i] = make(abilities, len(j.policy.people))
		for person := range out[i] {
			out[i][person] = newSet(len(j.policy.servers))
		}
	}
	for i, g := range j.policy.grants {
		settings := maskOf(g.settings) | 1<<len(change.Fields())
		for person := range j.given(i, perm).all() {
			for setting := range out {
				if settings&(1<<setting) != 0 {
					out[setting][person].join(j.grants[i].servers)
				}
			}
		}
	}
	return out
}

// grantsOf lists the grants that give a person a permission.
func (j *judge) grantsOf(perm Permission, setting, person, server int) []string {
	var out []string
	for i, g := range j.policy.grants {
		rule := scope{maskOf(g.settings), j.grants[i].servers}
		if perm == Read {
			setting = noSetting
		}
		if j.given(i, perm).has(person) && rule.is(setting, server) {
			out = append(out, indexed(keyGrants, i))
		}
	}
	return out
}
