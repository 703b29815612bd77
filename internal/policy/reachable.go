package policy

import (
	"fmt"
	"iter"
	"math/bits"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
)

// reachable checks that changes can get the approvals that they need. It refuses a
// rule only if no change could ever get them. Whether the change of one person can
// is checked when the change is requested.
func (r *reader) reachable(root *document.Node) {
	asks := func(g guard) bool { return g.approval }
	override := func(f serverFreeze) bool { return f.MayOverride() }
	if len(r.policy.approvals) == 0 && len(r.policy.assistants) == 0 && !slices.ContainsFunc(r.policy.guards, asks) && !slices.ContainsFunc(r.policy.freezes, override) {
		return
	}
	m := newMeetings(r.policy)
	r.reachableAssistants(root, m)
	r.reachableGuards(root, m)
	r.reachableOverrides(root, m)
	for i, a := range r.policy.approvals {
		if most := m.others(a); most < a.need {
			path := indexed(keyApprovals, i) + "." + keyNeed
			r.Add(change.Problem{
				Path: path, Line: root.LineAt(path), Rule: RuleNeedNotReachable, Message: notReachable(a.need, most),
				Hint: "give more people the role approver for these servers and settings, or lower need",
			})
		}
	}
}

// others is the largest number of people who may approve a change that an approval
// rule matches, without the person who requests it. Settings that nobody may change
// count only if the rule has no other settings.
func (m *meetings) others(a approval) int {
	asked, unasked := 0, 0
	anybodyAsks := false
	grants := m.with(a)
	for _, f := range a.settings {
		askers, approvers := m.able(grants, Ask, f), m.able(grants, Approve, f)
		if askers.count() == 0 {
			unasked = max(unasked, approvers.count())
			continue
		}
		anybodyAsks = true
		others := approvers.count()
		if askers.within(approvers) {
			others--
		}
		asked = max(asked, others)
	}
	if anybodyAsks {
		return asked
	}
	return unasked
}

// meetings knows which grants and approvals select a common server. It judges each
// selector and each list of people once, because a policy repeats them.
type meetings struct {
	policy     *Policy
	selectors  map[selector]set // to the servers that it selects
	number     map[string]int   // of people, by name
	who        []set            // of the people of each grant
	assistants set              // of people
	grants     []about          // of each grant
}

func newMeetings(p *Policy) *meetings {
	m := &meetings{policy: p, selectors: map[selector]set{}, number: map[string]int{}}
	m.assistants = newSet(len(p.people))
	for i, who := range p.people {
		m.number[who.Name] = i
		if who.Assistant {
			m.assistants.add(i)
		}
	}
	for _, g := range p.grants {
		who := newSet(len(p.people))
		for _, name := range g.who {
			who.add(m.number[name])
		}
		for i := range p.people {
			if g.who == nil {
				who.add(i)
			}
		}
		m.who = append(m.who, who)
		m.grants = append(m.grants, m.about(g.servers))
	}
	return m
}

// with lists the numbers of the grants for a server that the approval selects. That
// there may be a server that the policy does not list may be wrong: then a rule that
// cannot be fulfilled is accepted.
func (m *meetings) with(a approval) []int {
	about := m.about(a.servers)
	var out []int
	for i, g := range m.grants {
		if g.meets(about) {
			out = append(out, i)
		}
	}
	return out
}

// about is what selectors select: servers that the policy names, and others.
type about struct {
	servers set
	others  []unnamed
}

// about judges a list of selectors.
func (m *meetings) about(selectors []selector) about {
	out := about{servers: newSet(len(m.policy.servers))}
	for _, s := range selectors {
		one, known := m.selectors[s]
		if !known {
			one = newSet(len(m.policy.servers))
			for i, server := range m.policy.servers {
				if s.covers(server.Target, server.Name) {
					one.add(i)
				}
			}
			m.selectors[s] = one
		}
		out.servers.join(one)
		if u, ok := s.unnamed(); ok {
			out.others = append(out.others, u)
		}
	}
	return out
}

// meets reports whether there may be a server in both.
func (a about) meets(b about) bool {
	return a.servers.meets(b.servers) || slices.ContainsFunc(a.others, func(x unnamed) bool {
		return slices.ContainsFunc(b.others, x.meets)
	})
}

// able is the set of people who have a permission for a setting.
func (m *meetings) able(grants []int, perm Permission, f change.Field) set {
	out := newSet(len(m.policy.people))
	for _, i := range grants {
		if slices.Contains(m.policy.grants[i].settings, f) {
			out.join(m.given(i, perm))
		}
	}
	return out
}

// given is the set of people to whom a grant gives a permission.
func (m *meetings) given(i int, perm Permission) set {
	switch g := m.policy.grants[i]; {
	case !g.allows(perm, false):
		return newSet(len(m.policy.people))
	case !g.allows(perm, true):
		return m.who[i].without(m.assistants)
	default:
		return m.who[i]
	}
}

// set is a set of small numbers.
type set []uint64

func newSet(size int) set { return make(set, (size+63)/64) }

func (s set) add(i int) { s[i/64] |= 1 << (i % 64) }

// has reports whether a number is in the set.
func (s set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

// all are the numbers of the set, in order.
func (s set) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(i*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

// first is the least number of a set that is not empty.
func (s set) first() int {
	for i := range s.all() {
		return i
	}
	return 0
}

// keep removes what is not in the other set.
func (s set) keep(other set) {
	for i := range s {
		s[i] &= other[i]
	}
}

func (s set) join(other set) {
	for i := range s {
		s[i] |= other[i]
	}
}

// or is the union; a nil set is empty.
func (s set) or(other set) set {
	if s == nil {
		return other
	}
	out := slices.Clone(s)
	if other != nil {
		out.join(other)
	}
	return out
}

func (s set) without(other set) set {
	out := slices.Clone(s)
	for i := range out {
		out[i] &^= other[i]
	}
	return out
}

func (s set) meets(other set) bool {
	for i := range s {
		if s[i]&other[i] != 0 {
			return true
		}
	}
	return false
}

func (s set) within(other set) bool {
	for i := range s {
		if s[i]&^other[i] != 0 {
			return false
		}
	}
	return true
}

func (s set) count() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

func notReachable(need, most int) string {
	switch most {
	case 0:
		return fmt.Sprintf("%d approvals are needed, and nobody but the requester may approve", need)
	case 1:
		return fmt.Sprintf("%d approvals are needed, and 1 person other than the requester may approve", need)
	default:
		return fmt.Sprintf("%d approvals are needed, and %d people other than the requester may approve", need, most)
	}
}
