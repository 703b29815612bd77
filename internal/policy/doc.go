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
// # Tests
//
// A policy may have tests: statements in words about what it decides, of a small grammar
// that docs/policy.md describes.
//
//	test     = [ "only" ] people "may" [ "not" ] act | settings "of" servers claim
//	people   = "everybody" | "nobody" | names
//	act      = "view" servers | "apply" settings "to" servers | "approve" settings "of" servers
//	         | "cancel" settings "of" servers | "override" freeze "on" servers
//	claim    = "needs" number [ "approval" | "approvals" | "to" "override" freeze | "more" "above" number "clients" ]
//	         | "waits" "for" ( "no" "window" | ( "window" | "windows" ) names )
//	         | "is" ( "open" | "closed" ) "at" times
//	         | "is" "confirmed" "within" duration [ "with" "proof" ] | "is" "not" "confirmed"
//	         | "is" [ "not" ] "refused" "above" number "clients"
//	settings = "anything" | names of the API, patterns, keys of commands, key "=" value
//
// Words are separated by blanks, and several names by commas, "and" or "or". Parse checks
// the tests when it has found no other problem. A policy with a test that does not hold is
// invalid.
//
// Without a policy, files, signed HTTP requests and timers may request changes, and
// chat users may only read: see [Absent].
//
// A [Policy] never changes and is safe for concurrent use.
package policy
