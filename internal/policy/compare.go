package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Comparison says what a policy allows and forbids that another one does not. Lists
// have at most maxCompared entries, and name at most maxShown people and servers in
// each; More counts what is left out.
type Comparison struct {
	Accounts []AccountChange `json:"accounts"` // that belong to another person, or to nobody
	Gained   []Access        `json:"gained"`
	Lost     []Access        `json:"lost"`
	Rules    []RuleChange    `json:"rules"` // of settings of servers
	Entries  []EntryChange   `json:"entries"`
	More     int             `json:"more,omitempty"`
	// Open: there was no policy before, and files, signed requests and timers could request
	// every change.
	Open bool `json:"open,omitempty"`
	// Partial: there are more kinds of servers than are compared.
	Partial bool `json:"partial,omitempty"`
}

// AccountChange is an account that belongs to somebody else.
type AccountChange struct {
	Account string `json:"account"`
	From    string `json:"from,omitempty"` // the person; "" for nobody
	To      string `json:"to,omitempty"`
}

// Access is a permission of people for settings of servers.
type Access struct {
	People      []string `json:"people"`
	MorePeople  int      `json:"morePeople,omitempty"`
	May         string   `json:"may"`               // one of Deeds
	Servers     []string `json:"servers,omitempty"` // names, ids, patterns, or EveryOther; none for the right to put the policy
	MoreServers int      `json:"moreServers,omitempty"`
	// Settings: none for reading, which does not depend on settings, and for all.
	Settings []change.Field `json:"settings,omitempty"`
}

// RuleChange is what changes of settings of servers need, before and after.
type RuleChange struct {
	Rule        string         `json:"rule"` // one of RuleKinds
	Servers     []string       `json:"servers"`
	MoreServers int            `json:"moreServers,omitempty"`
	Settings    []change.Field `json:"settings,omitempty"` // none for all
	Before      string         `json:"before"`
	After       string         `json:"after"`
}

// EntryChange is an entry that is new, gone, or another one.
type EntryChange struct {
	Kind   string `json:"kind"` // the key of its list: servers, windows, freezes or notify; or assistants
	Name   string `json:"name"`
	Change string `json:"change"` // added, removed or changed
}

// EveryOther stands for the servers that neither policy names or selects in another
// way.
const EveryOther = "every other server"

// The words of Access.May.
const (
	DeedView    = "view"
	DeedRequest = "request"
	DeedApprove = "approve"
	DeedCancel  = "cancelOthers"
	DeedEdit    = "editPolicy"
)

// The words of RuleChange.Rule.
const (
	KindApprovals    = "approvals"
	KindRefuseAbove  = "refuseAbove"
	KindApproveAbove = "approveAbove"
	KindConfirm      = "confirm"
)

// The words of EntryChange.Change.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// The bounds of a comparison.
const (
	maxCompared = 100
	maxShown    = 10
	maxSpots    = 1500
)

// Compare says what a policy allows and forbids that the one before does not. Either may
// be nil, for one that permits nothing: none, or an invalid one.
func Compare(before, after *Policy) Comparison {
	b, a := cmp.Or(before, &Policy{}), cmp.Or(after, &Policy{})
	c := comparer{before: b, after: a, people: namesOf(a, b)}
	c.out.Open = b.absent
	c.spots, c.out.Partial = spotsOf(b, a)
	c.classes = classesOf(b, a, c.spots)
	c.accounts()
	c.editors()
	for _, perm := range []Permission{Ask, Approve, Retract, Read} {
		c.access(perm)
	}
	for _, kind := range []string{KindApprovals, KindRefuseAbove, KindApproveAbove, KindConfirm} {
		c.rules(kind)
	}
	c.entries()
	return c.bounded()
}

// comparer compares two policies.
type comparer struct {
	before, after *Policy
	people        []string
	spots         []spot
	classes       []class
	out           Comparison
}

// namesOf lists the people of two policies.
func namesOf(a, b *Policy) []string {
	out := a.peopleNames()
	known := map[string]bool{}
	for _, name := range out {
		known[name] = true
	}
	for _, name := range b.peopleNames() {
		if !known[name] {
			out = append(out, name)
		}
	}
	return out
}

func (c *comparer) accounts() {
	var all []Account
	for a := range c.after.accounts {
		all = append(all, a)
	}
	for a := range c.before.accounts {
		if _, kept := c.after.accounts[a]; !kept {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(x, y Account) int { return strings.Compare(x.String(), y.String()) })
	for _, a := range all {
		if from, to := c.before.accounts[a], c.after.accounts[a]; from != to {
			c.out.Accounts = append(c.out.Accounts, AccountChange{Account: a.String(), From: from, To: to})
		}
	}
}

// editors compares who may put the policy.
func (c *comparer) editors() {
	may := func(p *Policy, name string) bool {
		_, known := p.person(name)
		return known && p.MayEverywhere(Person{Name: name}, Edit) == nil
	}
	var gained, lost []string
	for _, name := range c.people {
		switch had, has := may(c.before, name), may(c.after, name); {
		case has && !had:
			gained = append(gained, name)
		case had && !has:
			lost = append(lost, name)
		}
	}
	if len(gained) > 0 {
		c.out.Gained = append(c.out.Gained, Access{People: gained, May: DeedEdit})
	}
	if len(lost) > 0 {
		c.out.Lost = append(c.out.Lost, Access{People: lost, May: DeedEdit})
	}
}

// bounded shortens the lists.
func (c *comparer) bounded() Comparison {
	out := c.out
	out.Accounts = cut(out.Accounts, maxCompared, &out.More)
	out.Gained = cut(out.Gained, maxCompared, &out.More)
	out.Lost = cut(out.Lost, maxCompared, &out.More)
	out.Rules = cut(out.Rules, maxCompared, &out.More)
	out.Entries = cut(out.Entries, maxCompared, &out.More)
	for _, list := range [][]Access{out.Gained, out.Lost} {
		for i := range list {
			list[i].People = cut(list[i].People, maxShown, &list[i].MorePeople)
			list[i].Servers = cut(list[i].Servers, maxShown, &list[i].MoreServers)
		}
	}
	for i := range out.Rules {
		out.Rules[i].Servers = cut(out.Rules[i].Servers, maxShown, &out.Rules[i].MoreServers)
	}
	return out
}

// cut keeps the first entries of a list, and counts the others. Its result is never nil.
func cut[T any](list []T, most int, more *int) []T {
	if len(list) > most {
		*more += len(list) - most
		list = list[:most]
	}
	return append([]T{}, list...)
}

// Empty reports whether the two policies permit the same.
func (c Comparison) Empty() bool {
	return len(c.Accounts)+len(c.Gained)+len(c.Lost)+len(c.Rules)+len(c.Entries) == 0
}
