package policy

import (
	"slices"
	"strings"

	"sslvpnchange/internal/change"
)

// selector selects servers by a name, an id, region/id, or a pattern of one of
// these, in which * stands for any number of characters except /. It is about ids if
// it begins as they do, or names a region; otherwise it is about names, and "*" is
// every server. It is lower case, because ids are and the case of names does not
// matter.
type selector string

// covers reports whether the selector selects a server; name is "" for one without.
func (s selector) covers(t change.Target, name string) bool {
	switch region, id, ok := strings.Cut(string(s), "/"); {
	case ok:
		return matches(region, t.RegionID) && matches(id, t.ServerID)
	case s == all:
		return true
	case s.aboutIDs():
		return matches(string(s), t.ServerID)
	default:
		return name != "" && matches(string(s), strings.ToLower(name))
	}
}

// aboutIDs reports whether a selector without a region begins as ids do. No name
// does.
func (s selector) aboutIDs() bool { return strings.HasPrefix(string(s), idPrefix) }

// covered reports whether any of the selectors selects a server.
func (p *Policy) covered(selectors []selector, t change.Target) bool {
	name := p.names[t]
	return slices.ContainsFunc(selectors, func(s selector) bool { return s.covers(t, name) })
}

// meet reports whether there may be a server that both lists select. It may be wrong
// in this direction only: then a rule that cannot be fulfilled is accepted.
func (p *Policy) meet(a, b []selector) bool {
	for _, s := range p.servers {
		if p.covered(a, s.Target) && p.covered(b, s.Target) {
			return true
		}
	}
	return slices.ContainsFunc(a, func(x selector) bool {
		return slices.ContainsFunc(b, func(y selector) bool { return x.meets(y) })
	})
}

// meets reports whether both selectors may select a server without a name.
func (s selector) meets(other selector) bool {
	region, id := s.parts()
	otherRegion, otherID := other.parts()
	return overlap(region, otherRegion) && overlap(id, otherID) && overlap(id, anyID) && overlap(otherID, anyID)
}

// What ids of servers begin with, and the pattern of all of them.
const (
	idPrefix = "vss-"
	anyID    = idPrefix + "*"
)

// parts are the patterns of the region and of the id; the latter is "" for a
// selector of names, which selects no server without a name.
func (s selector) parts() (region, id string) {
	region, id, ok := strings.Cut(string(s), "/")
	switch {
	case ok:
		return region, id
	case s == all, s.aboutIDs():
		return all, string(s)
	default:
		return all, ""
	}
}

// matches reports whether a pattern matches a text.
func matches(pattern, text string) bool {
	if !strings.Contains(pattern, "*") {
		return pattern == text
	}
	pieces := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(text, pieces[0])
	if !ok {
		return false
	}
	last := len(pieces) - 1
	for _, piece := range pieces[1:last] {
		i := strings.Index(rest, piece)
		if i < 0 {
			return false
		}
		rest = rest[i+len(piece):]
	}
	return strings.HasSuffix(rest, pieces[last])
}

// overlap reports whether there is a text that both patterns match. meet[j] says
// whether the rest of a and the rest of b from j on match a common text.
func overlap(a, b string) bool {
	meet := make([]bool, len(b)+1)
	meet[len(b)] = true
	for j := len(b) - 1; j >= 0; j-- {
		meet[j] = b[j] == '*' && meet[j+1]
	}
	for i := len(a) - 1; i >= 0; i-- {
		diagonal := meet[len(b)] // of the row below
		meet[len(b)] = a[i] == '*' && diagonal
		for j := len(b) - 1; j >= 0; j-- {
			below := meet[j]
			switch {
			case a[i] == '*' || b[j] == '*':
				meet[j] = below || meet[j+1]
			default:
				meet[j] = a[i] == b[j] && diagonal
			}
			diagonal = below
		}
	}
	return meet[0]
}
