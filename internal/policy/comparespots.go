package policy

import (
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// spot is a server that a comparison looks at: one that a policy names, or one that
// stands for all that a selector selects.
type spot struct {
	change.Target

	label string
}

// spotsOf lists the servers that two policies have to be compared for: those with a
// name, one for each other selector, and one that no selector is about. It reports
// whether some are left out.
func spotsOf(before, after *Policy) (spots []spot, partial bool) {
	seen := map[change.Target]bool{}
	add := func(t change.Target, label string) {
		if seen[t] {
			return
		}
		if len(spots) >= maxSpots {
			partial = true
			return
		}
		seen[t] = true
		spots = append(spots, spot{t, label})
	}
	for _, s := range after.servers {
		add(s.Target, s.Name)
	}
	for _, s := range before.servers {
		add(s.Target, s.Name)
	}
	add(change.Target{RegionID: sampleRegion, ServerID: sampleID}, EveryOther)
	for _, p := range []*Policy{after, before} {
		for _, s := range p.selectors() {
			if t, ok := s.sample(); ok {
				add(t, string(s))
			}
		}
	}
	return spots, partial
}

// A server that no policy selects but by "*".
const (
	sampleRegion = "xx-other-1"
	sampleID     = idPrefix + "other"
)

// sample is a server that a selector selects; ok is false for one about names.
func (s selector) sample() (change.Target, bool) {
	region, id := s.parts()
	if id == "" || s == all {
		return change.Target{}, false
	}
	switch {
	case id == all:
		id = sampleID
	case !strings.HasPrefix(id, idPrefix): // "*x" and the like
		id = idPrefix + strings.ReplaceAll(strings.TrimLeft(id, "*"), all, "0")
	default:
		id = strings.ReplaceAll(id, all, "0")
	}
	t := change.Target{RegionID: strings.ReplaceAll(region, all, sampleRegion), ServerID: id}
	return t, s.covers(t, "")
}

// selectors lists the selectors of all rules, each once.
func (p *Policy) selectors() []selector {
	seen := map[selector]bool{}
	var out []selector
	for _, list := range p.coverage() {
		for _, s := range list {
			if !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
	}
	return out
}

// coverage has the selectors of each grant, approval, guard and confirmation, in this
// order.
func (p *Policy) coverage() [][]selector {
	var out [][]selector
	for _, g := range p.grants {
		out = append(out, g.servers)
	}
	for _, a := range p.approvals {
		out = append(out, a.servers)
	}
	for _, g := range p.guards {
		out = append(out, g.servers)
	}
	for _, c := range p.confirmations {
		out = append(out, c.servers)
	}
	return out
}

// class is a number of spots that the same rules are about.
type class struct {
	before, after view
	spots         []spot
}

// view is what the rules of one policy say about a class.
type view struct {
	policy *Policy
	about  set // the rules of coverage
}

// classesOf groups spots by the rules that are about them.
func classesOf(before, after *Policy, spots []spot) []class {
	b, a := newSorter(before), newSorter(after)
	index := map[string]int{}
	var out []class
	for _, s := range spots {
		vb, va := view{before, b.about(s)}, view{after, a.about(s)}
		key := vb.about.key() + "/" + va.about.key()
		i, known := index[key]
		if !known {
			i = len(out)
			index[key] = i
			out = append(out, class{before: vb, after: va})
		}
		out[i].spots = append(out[i].spots, s)
	}
	return out
}

// sorter knows which rules have which selector, so that each selector is matched once
// with each server.
type sorter struct {
	policy *Policy
	rules  int
	having map[selector]set
}

func newSorter(p *Policy) sorter {
	lists := p.coverage()
	j := sorter{policy: p, rules: len(lists), having: map[selector]set{}}
	for i, list := range lists {
		for _, s := range list {
			if j.having[s] == nil {
				j.having[s] = newSet(len(lists))
			}
			j.having[s].add(i)
		}
	}
	return j
}

// about is the set of the rules that are about a server.
func (j sorter) about(s spot) set {
	out := newSet(j.rules)
	name := j.policy.names[s.Target]
	for sel, rules := range j.having {
		if sel.covers(s.Target, name) {
			out.join(rules)
		}
	}
	return out
}

// fields is a set of settings, as bits in the order of change.Fields.
type fields uint32

func fieldsOf(list []change.Field) (out fields) {
	for i, f := range change.Fields() {
		if slices.Contains(list, f) {
			out |= 1 << i
		}
	}
	return out
}

// list lists the settings; nil for all of them.
func (s fields) list() []change.Field {
	var out []change.Field
	for i, f := range change.Fields() {
		if s&(1<<i) != 0 {
			out = append(out, f)
		}
	}
	if len(out) == len(change.Fields()) {
		return nil
	}
	return out
}
