package policy

import (
	"fmt"
	"slices"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
)

// reachable checks that changes can get the approvals that they need. It refuses a
// rule only if no change could ever get them. Whether the change of one person can
// is checked when the change is requested.
func (r *reader) reachable(root *document.Node) {
	for i, a := range r.policy.approvals {
		if most := r.policy.others(a); most < a.need {
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
func (p *Policy) others(a approval) int {
	about := slices.DeleteFunc(slices.Clone(p.grants), func(g grant) bool { return !p.meet(g.servers, a.servers) })
	asked, unasked := 0, 0
	anybodyAsks := false
	for _, f := range a.settings {
		askers, approvers := p.able(about, Ask, f), p.able(about, Approve, f)
		if len(askers) == 0 {
			unasked = max(unasked, len(approvers))
			continue
		}
		anybodyAsks = true
		others := len(approvers) - 1
		for name := range askers {
			if !approvers[name] {
				others = len(approvers)
			}
		}
		asked = max(asked, others)
	}
	if anybodyAsks {
		return asked
	}
	return unasked
}

// able is the set of people who have a permission for a setting.
func (p *Policy) able(grants []grant, perm Permission, f change.Field) map[string]bool {
	out := map[string]bool{}
	for _, g := range grants {
		if !g.allows(perm) || !slices.Contains(g.settings, f) {
			continue
		}
		for _, name := range g.who {
			out[name] = true
		}
		if g.who == nil {
			for _, who := range p.people {
				out[who.Name] = true
			}
		}
	}
	return out
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
