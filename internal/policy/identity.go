package policy

import "slices"

// Identity is who somebody is by the policy, and what they may do on at least one server.
type Identity struct {
	Person    string    `json:"person"`
	Assistant bool      `json:"assistant"`
	NoPolicy  bool      `json:"noPolicy,omitempty"` // there is no policy, so the person is the account
	May       Abilities `json:"may"`
}

// Abilities are permissions, each for at least one setting of at least one server.
type Abilities struct {
	Read    bool `json:"read"`
	Request bool `json:"request"`
	Approve bool `json:"approve"`
	Cancel  bool `json:"cancelOthers"`
}

// Identify is the identity of a person of the policy.
func (p *Policy) Identify(who Person) Identity {
	may := func(perm Permission) bool {
		if p.absent {
			return p.mayWithout(who, perm) == nil
		}
		return slices.ContainsFunc(p.grants, func(g grant) bool { return p.gives(g, perm, who.Name) })
	}
	return Identity{
		Person: who.Name, Assistant: who.Assistant, NoPolicy: p.absent,
		May: Abilities{Read: may(Read), Request: may(Ask), Approve: may(Approve), Cancel: may(Retract)},
	}
}
