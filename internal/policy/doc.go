// Package policy says who may do what: it maps verified accounts to people,
// people to roles, roles to servers and settings, and says which changes need
// whose agreement.
//
// The policy is one strict YAML or JSON document, policy/policy.yaml in the
// change bucket. It is judged whole: with one problem in it, it is no policy,
// and nobody may do anything, not even read, until it is mended.
//
// # Decisions
//
// What no grant allows is not permitted. A change that sets several settings
// needs a permission for each of them, which may come from several grants; it
// needs as many agreements as the strictest rule that matches any of them. So
// more settings never need less.
//
// Without a policy, files, signed HTTP requests and timers ask as they are
// configured to, and chat may read and not ask: see [Absent].
//
// A [Policy] never changes and is safe for concurrent use.
package policy
