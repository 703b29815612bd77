package policy

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// rules compares what changes of settings need, in one respect.
func (c *comparer) rules(kind string) {
	type difference struct{ before, after string }
	found := map[difference]map[fields][]int{}
	var order []difference
	for i, cl := range c.classes {
		differs := map[difference]fields{}
		for n, f := range change.Fields() {
			if d := (difference{cl.before.need(kind, f), cl.after.need(kind, f)}); d.before != d.after {
				differs[d] |= 1 << n
			}
		}
		for d, mask := range differs {
			if found[d] == nil {
				found[d] = map[fields][]int{}
				order = append(order, d)
			}
			found[d][mask] = append(found[d][mask], i)
		}
	}
	slices.SortFunc(order, func(x, y difference) int { return compareTexts(x.before, y.before, x.after, y.after) })
	for _, d := range order {
		for _, mask := range sortedKeys(found[d]) {
			c.out.Rules = append(c.out.Rules, RuleChange{
				Rule: kind, Servers: c.labels(found[d][mask]), Settings: mask.list(), Before: d.before, After: d.after,
			})
		}
	}
}

// compareTexts orders pairs.
func compareTexts(a, b, c, d string) int {
	switch {
	case a < b || a == b && c < d:
		return -1
	case a == b && c == d:
		return 0
	default:
		return 1
	}
}

// nothing is what a rule that is not there asks for.
const nothing = "none"

// need is what a change of one setting needs, in words.
func (v view) need(kind string, f change.Field) string {
	p, at := v.policy, len(v.policy.grants)
	switch kind {
	case KindApprovals:
		need := 0
		for i, a := range p.approvals {
			if v.about.has(at+i) && slices.Contains(a.settings, f) {
				need = max(need, a.need)
			}
		}
		return strconv.Itoa(need)
	case KindRefuseAbove, KindApproveAbove:
		return v.limit(at+len(p.approvals), kind == KindApproveAbove, f)
	default:
		return v.confirm(at+len(p.approvals)+len(p.guards), f)
	}
}

// limit is the number of clients above which a guard refuses a change of a setting, or
// asks for an approval. The guards begin at a number of coverage.
func (v view) limit(at int, approval bool, f change.Field) string {
	out := nothing
	most := 0
	for i, g := range v.policy.guards {
		if g.approval == approval && v.about.has(at+i) && slices.Contains(g.settings, f) && (out == nothing || g.most < most) {
			most = g.most
			out = strconv.Itoa(most)
		}
	}
	return out
}

// confirm is how a change of a setting must be confirmed.
func (v view) confirm(at int, f change.Field) string {
	var out change.Confirmation
	for i, c := range v.policy.confirmations {
		if v.about.has(at+i) && slices.Contains(c.settings, f) {
			out = stricter(out, c.confirm)
		}
	}
	if out.IsZero() {
		return nothing
	}
	return out.String()
}

// entries compares what has a name: servers, windows, freezes and rooms.
func (c *comparer) entries() {
	b, a := c.before, c.after
	c.listed(kindAssistants, b.listedAssistants(), a.listedAssistants())
	c.listed(keyServers, namedEntries(b.servers, func(s Server) string { return s.Name }, identical), namedEntries(a.servers, func(s Server) string { return s.Name }, identical))
	c.listed(keyWindows, namedEntries(b.windows, func(w serverWindow) string { return w.Name }, plainWindow), namedEntries(a.windows, func(w serverWindow) string { return w.Name }, plainWindow))
	c.listed(keyFreezes, namedEntries(b.freezes, func(f serverFreeze) string { return f.Name }, plainFreeze), namedEntries(a.freezes, func(f serverFreeze) string { return f.Name }, plainFreeze))
	c.listed(keyNotify, b.told(), a.told())
}

// named is an entry with its name.
type named struct {
	name  string
	value any // without pointers, so that it can be compared
}

func namedEntries[T any](list []T, name func(T) string, plain func(T) any) []named {
	var out []named
	for _, e := range list {
		out = append(out, named{name(e), plain(e)})
	}
	return out
}

// kindAssistants is the kind of an entry that is about whether a person is an assistant.
const kindAssistants = "assistants"

// listedAssistants lists the people who are assistants.
func (p *Policy) listedAssistants() []named {
	var out []named
	for _, who := range p.people {
		if who.Assistant {
			out = append(out, named{name: who.Name})
		}
	}
	return out
}

func identical(s Server) any { return s }

// plainWindow has the name of its zone in place of the zone, which is loaded when it is needed.
func plainWindow(w serverWindow) any {
	zone := w.Zone.String()
	w.Zone = nil
	return []any{w, zone}
}

func plainFreeze(f serverFreeze) any {
	zone := f.Zone.String()
	f.Zone = nil
	return []any{f, zone}
}

// told lists the rooms, each with all that the policy says about it.
func (p *Policy) told() []named {
	var out []named
	at := map[string]int{}
	for _, n := range p.notifications {
		for _, room := range n.rooms {
			name := room.Channel + " " + room.Tenant + " " + room.ID
			i, known := at[name]
			if !known {
				i = len(out)
				at[name] = i
				out = append(out, named{name: name, value: []any(nil)})
			}
			before, _ := out[i].value.([]any)
			out[i].value = slices.Concat(before, []any{room, n.servers})
		}
	}
	return out
}

func (c *comparer) listed(kind string, before, after []named) {
	find := func(list []named, name string) (named, bool) {
		i := slices.IndexFunc(list, func(n named) bool { return n.name == name })
		if i < 0 {
			return named{}, false
		}
		return list[i], true
	}
	for _, n := range after {
		switch was, known := find(before, n.name); {
		case !known:
			c.out.Entries = append(c.out.Entries, EntryChange{kind, n.name, Added})
		case !reflect.DeepEqual(was.value, n.value):
			c.out.Entries = append(c.out.Entries, EntryChange{kind, n.name, Changed})
		}
	}
	for _, n := range before {
		if _, kept := find(after, n.name); !kept {
			c.out.Entries = append(c.out.Entries, EntryChange{kind, n.name, Removed})
		}
	}
}
