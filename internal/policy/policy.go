package policy

import (
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lang"
)

// Key is where the policy lives in the change bucket.
const Key = "policy/policy.yaml"

// Account is who somebody is at one door, as that door verified it.
type Account struct {
	Door   string // "dingtalk", "feishu", "wecom", "slack", "http", "file" or "timer"
	Tenant string // of a chat platform: corporation, workspace or tenant key; "" elsewhere
	User   string // the platform's stable user id; webhook sender; RAM principal; trigger name
}

// Person is who an account belongs to. Approvals compare people, not accounts.
type Person struct {
	Name string
	Lang lang.Tag // "" when the policy does not say
}

// Permission is what a role allows.
type Permission string

// The permissions, and the roles that have them: viewers read; operators ask
// and withdraw what they asked for; approvers agree and refuse; admins withdraw
// what others asked for, too.
const (
	Read    Permission = "read"    // viewer, operator, approver, admin
	Ask     Permission = "ask"     // operator, admin
	Agree   Permission = "agree"   // approver, admin: approve and reject
	Retract Permission = "retract" // admin: cancel what others asked for
)

// InvalidError says that there is a policy and it cannot be used.
type InvalidError struct{ Problems []change.Problem }

// Error counts the problems and names the first.
func (e *InvalidError) Error() string { return "the policy is invalid: " + e.Problems[0].String() }
