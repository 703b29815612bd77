// Package policy decides who may do what: it maps verified accounts to people,
// people to roles, roles to servers and settings, and decides which changes need
// approvals.
//
// The policy is one strict YAML or JSON document, policy/policy.yaml in the
// change bucket. A single error invalidates the whole policy: all access,
// including reads, is denied until it is fixed.
//
// # Decisions
//
// Whatever no grant allows is denied. A change that sets several settings needs a
// permission for each of them, which may come from several grants. The number of
// approvals that it needs is the largest of all rules that match any of its
// settings, so adding settings never lowers the number of approvals required.
//
// Without a policy, files, signed HTTP requests and timers may request changes, and
// chat users may only read: see [Absent].
//
// A [Policy] never changes and is safe for concurrent use.
package policy
