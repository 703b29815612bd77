package policy

import (
	"fmt"
	"slices"
	"strings"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/objects"
)

// May judges whether somebody may do something to settings of a server; nil
// means that they may. Reading takes no settings; for the others, no settings
// mean that any setting will do.
func (p *Policy) May(who Person, perm Permission, t change.Target, fields []change.Field) *change.Problem {
	if p.absent {
		return p.mayWithout(who, perm)
	}
	if _, known := p.person(who.Name); !known {
		return &change.Problem{
			Rule: RuleUnknownAccount, Message: fmt.Sprintf("%q is nobody in the policy", who.Name),
			Hint: "whoever keeps " + objects.PolicyFile + " adds the account to a person in it",
		}
	}
	if ok, lacking := p.allows(who.Name, perm, t, fields); !ok {
		return p.refusal(who.Name, perm, t, lacking)
	}
	return nil
}

// Unknown is the problem with an account that belongs to nobody.
func (p *Policy) Unknown(a Account) *change.Problem {
	shown := "door: " + a.Channel + ", user: " + a.User
	if a.Tenant != "" {
		shown = "door: " + a.Channel + ", tenant: " + a.Tenant + ", user: " + a.User
	}
	return &change.Problem{
		Rule: RuleUnknownAccount, Message: "the account " + a.String() + " belongs to nobody in the policy",
		Hint: "whoever keeps " + objects.PolicyFile + " adds {" + shown + "} to the accounts of a person",
	}
}

// mayWithout is May where there is no policy.
func (*Policy) mayWithout(who Person, perm Permission) *change.Problem {
	door, _, ok := strings.Cut(who.Name, ":")
	switch {
	case ok && door != "" && (perm == Read || !isChat(door)):
		return nil
	case !ok || door == "":
		return &change.Problem{
			Rule: RuleUnknownAccount, Message: fmt.Sprintf("%q is no account, and there is no policy with people", who.Name),
			Hint: "whoever keeps " + objects.PolicyFile + " writes it",
		}
	default:
		return &change.Problem{
			Rule: RuleNotPermitted, Message: "without a policy, chat may look and not " + deed(perm),
			Hint: "ask by file or signed HTTP request, or have " + objects.PolicyFile + " written",
		}
	}
}

// allows judges one person, and tells the settings for which a grant is
// lacking: all of them where no grant is about the server.
func (p *Policy) allows(name string, perm Permission, t change.Target, fields []change.Field) (ok bool, lacking []change.Field) {
	var about []grant
	for _, g := range p.grants {
		if g.includes(name) && g.allows(perm) && p.covered(g.servers, t) {
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

func (g grant) includes(name string) bool { return g.who == nil || slices.Contains(g.who, name) }

func (g grant) allows(perm Permission) bool {
	return slices.ContainsFunc(g.roles, func(r Role) bool { return r.allows(perm) })
}

// Approvals is how many people have to agree before settings of a server are
// changed.
func (p *Policy) Approvals(t change.Target, fields []change.Field) int {
	need := 0
	for _, a := range p.approvals {
		if a.need > need && p.covered(a.servers, t) && slices.ContainsFunc(fields, func(f change.Field) bool { return slices.Contains(a.settings, f) }) {
			need = a.need
		}
	}
	return need
}

// Who lists the names of the people who may do something, in the policy's
// order; nobody where there is no policy.
func (p *Policy) Who(perm Permission, t change.Target, fields []change.Field) []string {
	var out []string
	for _, who := range p.people {
		if ok, _ := p.allows(who.Name, perm, t, fields); ok {
			out = append(out, who.Name)
		}
	}
	return out
}

// Approvers lists the names of the people who may agree to what somebody else
// asks for. An asker named by an account, from the time before the policy, is
// the person whom it belongs to now.
func (p *Policy) Approvers(asker Person, t change.Target, fields []change.Field) []string {
	name := asker.Name
	for a, owner := range p.accounts {
		if a.String() == asker.Name {
			name = owner
		}
	}
	return slices.DeleteFunc(p.Who(Approve, t, fields), func(other string) bool { return other == name })
}
