// Package policies has the policy of the function's role as docs/policies shows it, for
// the local cloud, whose function has no other rights.
package policies

import _ "embed"

//go:embed function.json
var function []byte

// Function is function.json, with its placeholders.
func Function() []byte { return append([]byte(nil), function...) }
