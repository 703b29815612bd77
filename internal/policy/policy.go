package policy

import (
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Policy is a valid policy, or the absence of one.
type Policy struct {
	absent     bool
	people     []Person
	accounts   map[Account]string // principals, to names of people
	assistants map[string]bool    // names of people who are assistants
	servers    []Server
	named      map[string]change.Target // by name in lower case
	names      map[change.Target]string
	grants     []grant
	approvals  []approval

	guards        []guard
	confirmations []confirmation
	notifications []notification
	windows       []serverWindow
	freezes       []serverFreeze
	tests         int // how many it has
}

// Person is the owner of accounts. Approvals compare people, not accounts.
type Person struct {
	Name string
	Lang lang.Tag // "" when the policy does not say
	Zone Zone     // "" when the policy does not say
	// Assistant says that the person is a program that decides by itself what to ask
	// for, such as an AI assistant: see docs/policy.md.
	Assistant bool
}

// Server is a server with the name that the policy gives it.
type Server struct {
	change.Target

	Name string
}

// grant gives people roles for servers and settings.
type grant struct {
	who      []string // names; nil for everybody
	roles    []Role
	servers  []selector
	settings []change.Field
}

// approval is a rule by which changes need approvals.
type approval struct {
	servers  []selector
	settings []change.Field
	need     int
}

// Absent is the policy that applies without a policy file: every account is a person
// of its own, named by [Account.String]; files, HTTP and timers have all
// permissions, chat users may read; nothing needs approval.
func Absent() *Policy { return &Policy{absent: true} }

// Absent reports whether there is no policy file.
func (p *Policy) Absent() bool { return p.absent }

// Person finds the owner of an account.
func (p *Policy) Person(a Account) (Person, bool) {
	if p.absent {
		return Person{Name: a.String()}, complete(a)
	}
	name, ok := p.accounts[a.Principal()]
	if !ok {
		return Person{}, false
	}
	return p.person(name)
}

func (p *Policy) person(name string) (Person, bool) {
	for _, known := range p.people {
		if known.Name == name {
			return known, true
		}
	}
	return Person{}, false
}

// People lists all people of the policy, in its order.
func (p *Policy) People() []Person { return append([]Person(nil), p.people...) }

func (p *Policy) peopleNames() []string {
	names := make([]string, 0, len(p.people))
	for _, who := range p.people {
		names = append(names, who.Name)
	}
	return names
}

// Server finds a server by its name in the policy, in any case, or by its id if the
// policy names it. An id that the policy lists in two regions finds none.
func (p *Policy) Server(name string) (change.Target, bool) {
	if t, ok := p.named[strings.ToLower(name)]; ok {
		return t, true
	}
	var found []change.Target
	for _, s := range p.servers {
		if s.ServerID == name {
			found = append(found, s.Target)
		}
	}
	if len(found) != 1 {
		return change.Target{}, false
	}
	return found[0], true
}

// NameOf is the name of a server in the policy, or else its id.
func (p *Policy) NameOf(t change.Target) string {
	if name, ok := p.names[t]; ok {
		return name
	}
	return t.ServerID
}

// Servers lists the servers that the policy names, in its order.
func (p *Policy) Servers() []Server { return append([]Server(nil), p.servers...) }

// ServersFor lists the servers that the policy names and that a person may view, in
// its order.
func (p *Policy) ServersFor(who Person) []Server {
	return slices.DeleteFunc(p.Servers(), func(s Server) bool { return p.May(who, Read, s.Target, nil) != nil })
}
