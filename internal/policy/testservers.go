package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// targets reads the servers of a test. Each of them must be about a server: a test about
// none could not fail.
func (s *sentence) targets() []selector {
	if !s.fine() {
		return nil
	}
	words := s.several()
	if len(words) == 0 {
		s.expected("a server")
		return nil
	}
	before := s.selected
	if s.selected += len(words); s.selected > maxAllSelectors {
		if before <= maxAllSelectors {
			s.on(s.at, RuleTooManyEntries, fmt.Sprintf("the grants, other rules and tests list more than %d servers", maxAllSelectors), "write patterns for servers")
		}
		return nil
	}
	out := make([]selector, 0, len(words))
	for _, word := range words {
		text := strings.ToLower(word)
		if !isSelector(word) {
			s.on(s.at, RuleServerPattern, shown(word)+" is not a valid selector of servers", "write a name below servers, region/id, or a pattern such as office-*")
			continue
		}
		known, judged := s.testable[text]
		if !judged {
			known = s.tested(text)
			s.testable[text] = known
		}
		if known {
			out = append(out, selector(text))
			continue
		}
		hint := "add a name for it below servers, or write one server as region/id"
		if near := s.near(text, s.names); near != "" {
			hint = "the nearest name below servers is " + near + "; " + hint
		}
		s.on(s.at, RuleServerUnknown, shown(word)+" is no server below servers, so the test could not fail", hint)
	}
	return out
}

// tested reports whether a selector is about a server that has a name, or is the only one
// of its region and id. The latter becomes a server of the tests.
func (s *sentence) tested(text string) bool {
	about := selector(text)
	if slices.ContainsFunc(s.policy.servers, func(server Server) bool { return about.covers(server.Target, server.Name) }) {
		return true
	}
	if slices.ContainsFunc(s.names, func(name string) bool { return matches(text, name) }) {
		return true // of an entry with another problem
	}
	region, id, both := strings.Cut(text, "/")
	t := change.Target{RegionID: region, ServerID: id}
	if !both || !about.literal() || !t.Valid() {
		return false
	}
	if !slices.Contains(s.unlisted, t) {
		if len(s.unlisted) == maxUnlisted {
			s.on(s.at, RuleTooManyEntries, fmt.Sprintf("the tests name more than %d servers that servers does not list", maxUnlisted), "give servers names, and write patterns")
		}
		s.unlisted = append(s.unlisted, t)
	}
	return true
}
