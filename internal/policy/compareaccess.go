package policy

import (
	"fmt"
	"slices"
	"strings"
)

// deed is a permission as a comparison names it.
func (perm Permission) deed() string {
	switch perm {
	case Read:
		return DeedView
	case Ask, Override:
		return DeedRequest
	case Approve:
		return DeedApprove
	case Retract:
		return DeedCancel
	case Edit:
		return DeedEdit
	default:
		return string(perm)
	}
}

// access compares who has a permission for which settings of which servers. People
// whom the same grants name are looked at once.
func (c *comparer) access(perm Permission) {
	before, after := permitsOf(c.before, perm), permitsOf(c.after, perm)
	index := map[string]int{}
	var groups []group
	for _, name := range c.people {
		b, a := before.of(name), after.of(name)
		key := fmt.Sprint(b, a)
		i, known := index[key]
		if !known {
			i = len(groups)
			index[key] = i
			groups = append(groups, group{before: b, after: a})
		}
		groups[i].people = append(groups[i].people, name)
	}
	for _, g := range groups {
		gained, lost := map[fields][]int{}, map[fields][]int{}
		for i, cl := range c.classes {
			had, has := before.fields(g.before, cl.before.about), after.fields(g.after, cl.after.about)
			gained[has&^had] = append(gained[has&^had], i)
			lost[had&^has] = append(lost[had&^has], i)
		}
		c.out.Gained = append(c.out.Gained, c.list(g, perm, gained)...)
		c.out.Lost = append(c.out.Lost, c.list(g, perm, lost)...)
	}
}

// group are people whom the same grants name.
type group struct {
	people        []string
	before, after []int
}

// permits are the grants of one permission.
type permits struct {
	masks []fields         // of each grant; 0 for one that does not give the permission
	named map[string][]int // the grants that name somebody
	all   map[bool][]int   // the grants for everybody, that give it to people, or to assistants (true)
	known map[string]bool
	// assistants has the names of people who are assistants.
	assistants map[string]bool
}

func permitsOf(p *Policy, perm Permission) permits {
	out := permits{named: map[string][]int{}, all: map[bool][]int{}, known: map[string]bool{}, assistants: p.assistants}
	for _, name := range p.peopleNames() {
		out.known[name] = true
	}
	for i, g := range p.grants {
		mask := fields(0)
		switch {
		case !g.allows(perm, false):
		case perm == Read:
			mask = 1 // reading does not depend on settings
		default:
			mask = fieldsOf(g.settings)
		}
		out.masks = append(out.masks, mask)
		if mask == 0 {
			continue
		}
		for _, assistant := range []bool{false, true} {
			if g.who == nil && g.allows(perm, assistant) {
				out.all[assistant] = append(out.all[assistant], i)
			}
		}
		for _, name := range g.who {
			if p.gives(g, perm, name) {
				out.named[name] = append(out.named[name], i)
			}
		}
	}
	return out
}

// of lists the grants that give somebody the permission.
func (r permits) of(name string) []int {
	if !r.known[name] {
		return nil
	}
	return append(slices.Clip(r.named[name]), r.all[r.assistants[name]]...)
}

// fields are the settings for which any of some grants gives the permission, of a server
// that rules are about.
func (r permits) fields(grants []int, about set) (out fields) {
	for _, i := range grants {
		if about.has(i) {
			out |= r.masks[i]
		}
	}
	return out
}

// list lists what a group gains or loses, by settings.
func (c *comparer) list(g group, perm Permission, found map[fields][]int) []Access {
	var out []Access
	for _, mask := range sortedKeys(found) {
		if mask == 0 {
			continue
		}
		one := Access{People: g.people, May: perm.deed(), Servers: c.labels(found[mask])}
		if perm != Read {
			one.Settings = mask.list()
		}
		out = append(out, one)
	}
	return out
}

func sortedKeys(m map[fields][]int) []fields {
	out := make([]fields, 0, len(m))
	for mask := range m {
		out = append(out, mask)
	}
	slices.Sort(out)
	return out
}

// labels names the servers of classes.
func (c *comparer) labels(classes []int) []string {
	var out []string
	for _, i := range classes {
		for _, s := range c.classes[i].spots {
			out = append(out, s.label)
		}
	}
	return out
}

// key is equal for equal sets.
func (s set) key() string {
	var b strings.Builder
	for _, word := range s {
		for range 8 {
			b.WriteByte(byte(word))
			word >>= 8
		}
	}
	return b.String()
}
