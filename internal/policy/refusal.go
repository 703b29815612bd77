package policy

import (
	"fmt"
	"strings"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/objects"
)

// refusal says what is not permitted, and who could do it.
func (p *Policy) refusal(name string, perm Permission, t change.Target, lacking []change.Field) *change.Problem {
	what := deed(perm)
	if perm == Read {
		lacking = nil
	}
	if len(lacking) > 0 {
		what += " of " + joined(lacking)
	}
	server := t.String()
	if known, ok := p.names[t]; ok {
		server = known + " (" + server + ")"
	}
	hint := fmt.Sprintf("nobody may; whoever keeps %s can grant the role %s", objects.PolicyFile, least(perm))
	if who := p.Who(perm, t, lacking); len(who) > 0 {
		hint = fmt.Sprintf("%s may; or whoever keeps %s grants the role %s", someOf(who), objects.PolicyFile, least(perm))
	}
	return &change.Problem{Rule: RuleNotPermitted, Message: name + " may not " + what + " on " + server, Hint: hint}
}

// deed says in words what a permission is for.
func deed(perm Permission) string {
	switch perm {
	case Read:
		return "look at settings"
	case Ask:
		return "ask for changes"
	case Approve:
		return "agree to changes"
	case Retract:
		return "withdraw others' changes"
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
