package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// identity is who requested or approved a change: the account, and the names that
// the policy gave it then and gives it now. Renaming a person, or giving an account
// to another person, makes nobody somebody else.
type identity struct {
	account Account
	names   [2]string // then and now; "" for none
}

func (p *Policy) identity(a Account, then string) identity {
	out := identity{account: a, names: [2]string{then, ""}}
	if !p.absent {
		who, _ := p.Person(a)
		out.names[1] = who.Name
	}
	return out
}

func (p *Policy) requester(c change.Change) identity {
	return p.identity(c.Requester(), c.Origin.Person)
}

func (a identity) same(b identity) bool {
	return a.account.Same(b.account) || slices.ContainsFunc(a.names[:], func(name string) bool {
		return name != "" && slices.Contains(b.names[:], name)
	})
}

// Requested reports whether an account is the one that requested a change, or
// belongs to the same person by the policy as it is now. It is for what a requester
// may do: a name that the policy has given to somebody else permits nothing.
func (p *Policy) Requested(c change.Change, a Account) bool {
	if a.Same(c.Requester()) {
		return true
	}
	if p.absent {
		return false
	}
	then, known := p.Person(c.Requester())
	now, ok := p.Person(a)
	return known && ok && then.Name == now.Name
}

// Own reports whether an account may be that of whoever requested a change, or of
// the same person, by any name that the policy ever gave them. It is for what a
// requester may not do.
func (p *Policy) Own(c change.Change, a Account) bool {
	return p.identity(a, "").same(p.requester(c))
}

// Approvers lists the names of the people who may approve a change, without whoever
// requested it.
func (p *Policy) Approvers(c change.Change) []string {
	asker := p.requester(c)
	return slices.DeleteFunc(p.Who(Approve, c.Target, c.Patch.Fields()), func(name string) bool {
		return asker.same(identity{names: [2]string{name, name}})
	})
}

// Refuses returns why a queued change must not be applied by the policy as it is
// now, nil if it may be: whoever requested it may still request it, and enough of
// the people who approved it may still approve it. Agreed are the approvals that
// count otherwise. A policy that requires fewer approvals than it did does not lower
// the number that the change needs.
func (p *Policy) Refuses(c change.Change, agreed []change.Vote) *change.Problem {
	fields := c.Patch.Fields()
	by := Person{Name: c.Asker(), Assistant: p.Assisted(c)}
	permission, need := Ask, max(c.Approvals, p.ApprovalsFor(by, c.Request))
	if c.DryRun {
		permission, need = Read, c.Approvals
	}
	if no := p.accountMay(c.Requester(), permission, c.Target, fields); no != nil {
		return withdrawn("the policy no longer permits it: "+no.Message, "have it permitted in "+objects.PolicyFile+", then submit the change again")
	}
	if no := p.MayOverride(by, c.Request); no != nil {
		return withdrawn("the policy no longer permits it: "+no.Message, no.Hint)
	}
	if need == 0 {
		return nil
	}
	var counted []identity
	var lost []string
	asker := p.requester(c)
	for _, v := range agreed {
		voter := p.identity(v.From(), v.Person)
		twice := slices.ContainsFunc(counted, voter.same)
		if twice || voter.same(asker) || p.assistants[v.Person] || p.accountMay(v.From(), Approve, c.Target, fields) != nil {
			lost = append(lost, v.Person)
			continue
		}
		counted = append(counted, voter)
	}
	if len(counted) >= need {
		return nil
	}
	message := fmt.Sprintf("the policy requires %s now, and the change has %d", approvalsInWords(need), len(counted))
	if len(lost) > 0 {
		message += "; the policy no longer lets these people approve it: " + strings.Join(lost, ", ")
	}
	return withdrawn(message, "submit the change again, and have it approved by people whom the policy permits to")
}

func withdrawn(message, hint string) *change.Problem {
	return &change.Problem{Rule: RulePermissionWithdrawn, Message: message, Hint: hint}
}

// accountMay is May for the owner of an account. Without a policy, a file whose
// uploader is not known is permitted as every file is.
func (p *Policy) accountMay(a Account, perm Permission, t change.Target, fields []change.Field) *change.Problem {
	if p.absent && a == (Account{Channel: channelFile}) {
		return p.mayWithout(Person{Name: channelFile + ":"}, perm)
	}
	if p.absent && perm == Approve {
		return &change.Problem{Rule: RuleNotPermitted, Message: "there is no policy, so nobody is an approver"}
	}
	who, ok := p.Person(a)
	if !ok {
		return p.Unknown(a)
	}
	return p.May(who, perm, t, fields)
}

func approvalsInWords(n int) string {
	if n == 1 {
		return "1 approval"
	}
	return strconv.Itoa(n) + " approvals"
}
