package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// May returns nil if a person has a permission for settings of a server, or else the
// problem. Reading does not depend on settings. For the other permissions, an empty
// list of settings stands for any one setting.
func (p *Policy) May(who Person, perm Permission, t change.Target, fields []change.Field) *change.Problem {
	if p.absent {
		return p.mayWithout(who, perm)
	}
	if _, known := p.person(who.Name); !known {
		return &change.Problem{
			Rule: RuleUnknownAccount, Message: fmt.Sprintf("the policy has no person %q", who.Name),
			Hint: "have the account added to a person in " + objects.PolicyFile,
		}
	}
	if ok, lacking := p.allows(who.Name, perm, t, fields); !ok {
		return p.refusal(who.Name, perm, t, lacking)
	}
	return nil
}

// Unknown is the problem with an account that belongs to no person.
func (p *Policy) Unknown(a Account) *change.Problem {
	shown := "door: " + a.Channel + ", user: " + a.User
	if a.Tenant != "" {
		shown = "door: " + a.Channel + ", tenant: " + a.Tenant + ", user: " + a.User
	}
	return &change.Problem{
		Rule: RuleUnknownAccount, Message: "the account " + a.String() + " belongs to no person in the policy",
		Hint: "have {" + shown + "} added to the accounts of a person in " + objects.PolicyFile,
	}
}

// mayWithout is May without a policy.
func (*Policy) mayWithout(who Person, perm Permission) *change.Problem {
	channel, _, ok := strings.Cut(who.Name, ":")
	switch {
	case perm == Edit:
		return &change.Problem{
			Rule: RuleNotPermitted, Message: "there is no policy, so it makes nobody an editor of the policy",
			Hint: "have the sender named in the variable POLICY_EDITORS, or have " + objects.PolicyFile + " written",
		}
	case ok && channel != "" && (perm == Read || !isChat(channel)):
		return nil
	case !ok || channel == "":
		return &change.Problem{
			Rule: RuleUnknownAccount, Message: fmt.Sprintf("%q is not an account, and there is no policy with people", who.Name),
			Hint: "have " + objects.PolicyFile + " written",
		}
	default:
		return &change.Problem{
			Rule: RuleNotPermitted, Message: "without a policy, chat users may view settings, and may not " + deed(perm),
			Hint: "submit a file or a signed HTTP request, or have " + objects.PolicyFile + " written",
		}
	}
}

// allows reports whether a person has a permission, and for which settings a grant is
// missing: for all of them where no grant covers the server.
func (p *Policy) allows(name string, perm Permission, t change.Target, fields []change.Field) (ok bool, lacking []change.Field) {
	var about []grant
	for _, g := range p.grants {
		if p.gives(g, perm, name) && p.covered(g.servers, t) {
			about = append(about, g)
		}
	}
	switch {
	case len(about) == 0:
		return false, fields
	case perm == Read:
		return true, nil
	}
	for _, f := range fields {
		if !slices.ContainsFunc(about, func(g grant) bool { return slices.Contains(g.settings, f) }) {
			lacking = append(lacking, f)
		}
	}
	return len(lacking) == 0, lacking
}

// gives reports whether a grant gives a person a permission, for some servers and
// settings. Every decision about a permission goes through it.
func (p *Policy) gives(g grant, perm Permission, name string) bool {
	return g.allows(perm, p.assistants[name]) && g.includes(name)
}

func (g grant) includes(name string) bool { return g.who == nil || slices.Contains(g.who, name) }

// allows reports whether one of the roles has a permission. Whoever asks says whether it is
// about an assistant, who has less of them.
func (g grant) allows(perm Permission, assistant bool) bool {
	return slices.ContainsFunc(g.roles, func(r Role) bool {
		return r.allows(perm) && (!assistant || r.allowsAssistants(perm))
	})
}

// Approvals is the number of people who must approve a change of settings of a
// server.
func (p *Policy) Approvals(t change.Target, fields []change.Field) int {
	need := 0
	for _, a := range p.approvals {
		if a.need > need && p.covered(a.servers, t) && slices.ContainsFunc(fields, func(f change.Field) bool { return slices.Contains(a.settings, f) }) {
			need = a.need
		}
	}
	return need
}

// which is the set of the numbers of fields for which a grant gives a permission that one
// of its roles has; behind them, the grant itself.
func (g grant) which(perm Permission, fields []change.Field) set {
	out := newSet(len(fields) + 1)
	out.add(len(fields))
	for i, f := range fields {
		if perm == Read || slices.Contains(g.settings, f) {
			out.add(i)
		}
	}
	return out
}

// Who lists the names of the people who have a permission, in the policy's order;
// nobody without a policy.
func (p *Policy) Who(perm Permission, t change.Target, fields []change.Field) []string {
	// Each grant is looked at once, and not once for each person.
	allowed, everybody := map[string]set{}, map[bool]set{} // everybody by whether they are assistants
	for _, g := range p.grants {
		if !g.allows(perm, false) || !p.covered(g.servers, t) {
			continue
		}
		which := g.which(perm, fields)
		if g.who == nil {
			everybody[false] = which.or(everybody[false])
			if g.allows(perm, true) {
				everybody[true] = which.or(everybody[true])
			}
		}
		for _, name := range g.who {
			if p.gives(g, perm, name) {
				allowed[name] = which.or(allowed[name])
			}
		}
	}
	var out []string
	for _, who := range p.people {
		if allowed[who.Name].or(everybody[who.Assistant]).count() == len(fields)+1 {
			out = append(out, who.Name)
		}
	}
	return out
}
