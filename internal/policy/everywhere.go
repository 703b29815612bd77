package policy

import (
	"fmt"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// MayEverywhere returns nil if a person has a permission for all servers, or else the
// problem.
func (p *Policy) MayEverywhere(who Person, perm Permission) *change.Problem {
	if p.absent {
		return p.mayWithout(who, perm)
	}
	if slices.ContainsFunc(p.grants, func(g grant) bool {
		return p.gives(g, perm, who.Name) && slices.Contains(g.servers, all)
	}) {
		return nil
	}
	if p.assistants[who.Name] && !least(perm).allowsAssistants(perm) {
		return notForAssistants(who, deed(perm), "ask a person to do it")
	}
	server := all // as a grant has it
	return &change.Problem{
		Rule: RuleNotPermitted, Message: who.Name + " may not " + deed(perm) + " on " + server,
		Hint: fmt.Sprintf("have the role %s granted in %s", least(perm), objects.PolicyFile),
	}
}
