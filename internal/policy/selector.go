package policy

import (
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
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

// literal reports whether the selector is the region and the id of one server.
func (s selector) literal() bool {
	return strings.Contains(string(s), "/") && !strings.Contains(string(s), all)
}

// unnamed is a selector that may select servers without a name, in its parts.
type unnamed struct{ region, id pattern }

// unnamed returns the selector in its parts; ok is false if it selects no server
// without a name.
func (s selector) unnamed() (u unnamed, ok bool) {
	region, id := s.parts()
	return unnamed{patternOf(region), patternOf(id)}, overlap(id, anyID)
}

// meets reports whether both may select a server without a name.
func (u unnamed) meets(other unnamed) bool {
	return u.id.overlaps(other.id) && u.region.overlaps(other.region)
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
	piece, pattern, starred := strings.Cut(pattern, "*")
	if !starred {
		return piece == text
	}
	rest, ok := strings.CutPrefix(text, piece)
	for ok {
		if piece, pattern, starred = strings.Cut(pattern, "*"); !starred {
			return strings.HasSuffix(rest, piece)
		}
		_, rest, ok = strings.Cut(rest, piece)
	}
	return false
}

// pattern is a pattern with what is before its first * and behind its last.
type pattern struct {
	text       string
	begin, end string
	starred    bool
}

func patternOf(text string) pattern {
	first, last := strings.IndexByte(text, '*'), strings.LastIndexByte(text, '*')
	if first < 0 {
		return pattern{text: text}
	}
	return pattern{text: text, begin: text[:first], end: text[last+1:], starred: true}
}

// overlaps reports whether there is a text that both patterns match. Two patterns with
// a * each overlap if one of their beginnings begins the other, and one of their ends
// ends the other: what is between can be put one after the other.
func (p pattern) overlaps(other pattern) bool {
	switch {
	case !p.starred:
		return matches(other.text, p.text)
	case !other.starred:
		return matches(p.text, other.text)
	default:
		return (strings.HasPrefix(p.begin, other.begin) || strings.HasPrefix(other.begin, p.begin)) &&
			(strings.HasSuffix(p.end, other.end) || strings.HasSuffix(other.end, p.end))
	}
}

// overlap is pattern.overlaps for texts.
func overlap(a, b string) bool { return patternOf(a).overlaps(patternOf(b)) }
