package policy

import (
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Permissions answers who may change settings of a server, and who must agree. It has
// names of people, and no accounts.
type Permissions struct {
	change.Target

	Name      string              `json:"name,omitempty"` // of the server, by the policy
	Settings  []change.Field      `json:"settings"`
	NoPolicy  bool                `json:"noPolicy,omitempty"` // there is no policy, so it names nobody
	People    []Permitted         `json:"people"`             // who have a permission, in the policy's order
	Approvals int                 `json:"approvals"`          // by people other than the requester
	Approvers []string            `json:"approvers"`          // who may give them; without the person who was asked about
	Limits    []Limit             `json:"guards,omitempty"`
	Confirm   change.Confirmation `json:"confirm,omitzero"` // how a change must be confirmed
}

// Permitted is what one person may do about settings of a server.
type Permitted struct {
	Person string `json:"person"`
	// Assistant says that the person never approves, and that each change that it
	// requests needs an approval.
	Assistant bool           `json:"assistant,omitempty"`
	Read      bool           `json:"read"`
	Request   bool           `json:"request"` // changes of all the settings
	Approve   bool           `json:"approve"` // changes of others
	Cancel    bool           `json:"cancelOthers"`
	Lacking   []change.Field `json:"lacking,omitempty"` // the settings of which the person may not request changes
}

// Limit is what happens to a change while more clients are connected than a guard
// permits.
type Limit struct {
	MaxConnected int    `json:"maxConnected"`
	Otherwise    string `json:"otherwise"` // one of Otherwise
}

// Permissions lists who may do what about settings of a server, and what a change of
// them needs. If person is not "", People has that person alone, also without a
// permission.
func (p *Policy) Permissions(t change.Target, fields []change.Field, person string) Permissions {
	out := Permissions{
		Target: t, Name: p.names[t], Settings: fields, NoPolicy: p.absent, People: []Permitted{}, Approvers: []string{},
		Approvals: p.Approvals(t, fields),
	}
	out.Approvers = append(out.Approvers, slices.DeleteFunc(p.Who(Approve, t, fields), func(name string) bool { return name == person })...)
	about := change.Request{Target: t, Patch: change.Patch{}}
	for _, f := range fields {
		about.Patch[f] = change.Value{} // which settings are set decides, and not their values
	}
	for _, word := range Otherwise() {
		if most, ok := p.limit(about, word == otherwiseApproval); ok {
			out.Limits = append(out.Limits, Limit{MaxConnected: most, Otherwise: word})
		}
	}
	out.Confirm = p.Confirmation(about)
	if person != "" {
		one := p.permitted(person, t, fields)
		if one.Assistant {
			out.Approvals = max(out.Approvals, 1)
		}
		out.People = append(out.People, one)
		return out
	}
	for _, who := range p.Who(Read, t, nil) { // every role may read
		out.People = append(out.People, p.permitted(who, t, fields))
	}
	return out
}

func (p *Policy) permitted(name string, t change.Target, fields []change.Field) Permitted {
	may := func(perm Permission) bool {
		ok, _ := p.allows(name, perm, t, fields)
		return ok
	}
	out := Permitted{Person: name, Assistant: p.assistants[name]}
	if _, known := p.person(name); !known {
		out.Lacking = fields // a grant to everybody is to everybody in people
		return out
	}
	out.Read, out.Request, out.Approve, out.Cancel = may(Read), may(Ask), may(Approve), may(Retract)
	if !out.Request {
		_, out.Lacking = p.allows(name, Ask, t, fields)
	}
	return out
}
