package ram

import (
	"slices"
	"sync"
)

// Role is a role whose policy can be changed while it is used. Make one with NewRole. It
// is safe for concurrent use.
type Role struct {
	mu     sync.Mutex
	policy Policy
}

// NewRole makes a role with a policy.
func NewRole(p Policy) *Role { return &Role{policy: p} }

// Permits reports whether the role may do something.
func (r *Role) Permits(action, resource string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.policy.Permits(action, resource)
}

// Change changes the statements of the role's policy.
func (r *Role) Change(change func([]Statement) []Statement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.policy.Statement = change(slices.Clone(r.policy.Statement))
}
