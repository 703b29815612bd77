package policy

import (
	"fmt"
	"slices"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/objects"
)

// MayEverywhere returns nil if a person has a permission for all servers, or else the
// problem.
func (p *Policy) MayEverywhere(who Person, perm Permission) *change.Problem {
	if p.absent {
		return p.mayWithout(who, perm)
	}
	if slices.ContainsFunc(p.grants, func(g grant) bool {
		return g.allows(perm) && g.includes(who.Name) && slices.Contains(g.servers, all)
	}) {
		return nil
	}
	return &change.Problem{
		Rule: RuleNotPermitted, Message: fmt.Sprintf("%s is not %s of all servers", who.Name, least(perm)),
		Hint: fmt.Sprintf("have {who: [%s], roles: [%s], servers: [\"*\"]} added to the grants in %s", who.Name, least(perm), objects.PolicyFile),
	}
}
