package policy

import (
	"fmt"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// refusal describes what is not permitted, and who has the permission.
func (p *Policy) refusal(name string, perm Permission, t change.Target, lacking []change.Field) *change.Problem {
	what := deed(perm)
	if perm == Read {
		lacking = nil
	}
	if len(lacking) > 0 {
		what += " of " + joined(lacking)
	}
	server := t.String()
	if reads, _ := p.allows(name, Read, t, nil); !reads {
		// Names of servers and of people are for those who may view the server.
		return &change.Problem{
			Rule: RuleNotPermitted, Message: name + " may not " + what + " on " + server,
			Hint: fmt.Sprintf("have the role %s granted in %s", least(perm), objects.PolicyFile),
		}
	}
	if known, ok := p.names[t]; ok {
		server = known + " (" + server + ")"
	}
	if p.assistants[name] && !least(perm).allowsAssistants(perm) {
		no := notForAssistants(Person{Name: name}, deed(perm), "ask a person to do it")
		if who := p.Who(perm, t, lacking); len(who) > 0 {
			no.Hint = someOf(who) + " may"
		}
		return no
	}
	hint := fmt.Sprintf("nobody may; have the role %s granted in %s", least(perm), objects.PolicyFile)
	if who := p.Who(perm, t, lacking); len(who) > 0 {
		hint = fmt.Sprintf("%s may; or have the role %s granted in %s", someOf(who), least(perm), objects.PolicyFile)
	}
	return &change.Problem{Rule: RuleNotPermitted, Message: name + " may not " + what + " on " + server, Hint: hint}
}

// deed describes a permission in words.
func deed(perm Permission) string {
	switch perm {
	case Read:
		return "view settings"
	case Ask:
		return "request changes"
	case Override:
		return "override freezes"
	case Approve:
		return "approve changes"
	case Retract:
		return "cancel others' changes"
	case Edit:
		return "read and put the policy"
	default:
		return string(perm)
	}
}

func joined(fields []change.Field) string {
	parts := make([]string, 0, len(fields))
	for _, f := range fields {
		parts = append(parts, string(f))
	}
	return strings.Join(parts, ", ")
}

// someOf lists the first few names.
func someOf(names []string) string {
	const few = 5
	if len(names) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
	}
	return strings.Join(names, ", ")
}
