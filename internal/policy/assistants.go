package policy

import (
	"fmt"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
)

// assistants checks that a grant does not name assistants with roles that assistants
// cannot have. A grant to everybody gives assistants what they can have.
func (r *reader) assistants(e entry, g grant) {
	for _, role := range g.roles {
		if role == Viewer || role == Operator {
			continue
		}
		for _, name := range g.who {
			if r.policy.assistants[name] {
				r.at(e, keyRoles, RuleAssistantRole, name+" is an assistant and cannot have the role "+string(role),
					"grant assistants the roles viewer and operator; if "+shown(name)+" is a person, remove assistant: true")
				break
			}
		}
	}
}

// reachableAssistants checks that somebody can approve what a grant lets the assistants
// whom it names request.
func (r *reader) reachableAssistants(root *document.Node, m *meetings) {
	for i, g := range r.policy.grants {
		named := func(name string) bool { return r.policy.assistants[name] }
		if !slices.Contains(g.roles, Operator) || !slices.ContainsFunc(g.who, named) {
			continue
		}
		if most := m.others(approval{servers: g.servers, settings: g.settings}); most < 1 {
			path := indexed(keyGrants, i) + "." + keyRoles
			r.Add(change.Problem{
				Path: path, Line: root.LineAt(path), Rule: RuleNeedNotReachable, Message: "what an assistant requests needs an approval, and nobody may approve it",
				Hint: "give people the role approver for these servers and settings, or assistants the role viewer only",
			})
		}
	}
}

// Assisted reports whether an assistant requested a change: the policy said so then, or
// it says so now of the account or of the person.
func (p *Policy) Assisted(c change.Change) bool {
	who, _ := p.Person(c.Requester())
	return c.Origin.Assistant || who.Assistant || p.assistants[c.Origin.Person]
}

// MayConfirm returns nil if a person may confirm the change that an undo undoes, extend
// the time to do so, or have it undone at once. An assistant may not: a change that is
// not confirmed is undone, and that is somebody else's to decide.
func (p *Policy) MayConfirm(who Person, t change.Target, fields []change.Field) *change.Problem {
	if who.Assistant {
		return notForAssistants(who, "confirm or undo changes", "ask a person to do it")
	}
	if p.May(who, Approve, t, fields) == nil {
		return nil
	}
	return p.May(who, Ask, t, fields)
}

// MayOverride returns why a person must not name the freeze that a request names, nil if
// they may. Whether the freeze can be overridden at all is another question: see Opening.
func (p *Policy) MayOverride(who Person, r change.Request) *change.Problem {
	if r.Override == "" || !who.Assistant {
		return nil
	}
	no := notForAssistants(who, deed(Override), "remove override, or ask a person to request the change")
	no.Path = "override"
	return no
}

func notForAssistants(who Person, what, hint string) *change.Problem {
	return &change.Problem{Rule: RuleNotPermitted, Message: fmt.Sprintf("%s is an assistant, and assistants may not %s", who.Name, what), Hint: hint}
}
