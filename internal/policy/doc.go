// Package policy says who may do what: it maps verified accounts to people,
// people to roles, roles to servers and settings, and says which changes need
// whose agreement.
//
// The policy is one strict YAML or JSON document, policy/policy.yaml in the
// change bucket. It is judged whole: with one problem in it, it is no policy,
// and nobody may do anything but read until it is mended.
//
// Without a policy, files, signed HTTP requests and timers ask as they are
// configured to, and chat may read and not ask: see [Absent].
package policy
