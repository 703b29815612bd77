package policy

import (
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
)

// Limits of a policy.
const (
	maxPeople             = 500
	maxAccounts           = 20
	maxServers            = 500
	maxGrants             = 200
	maxApprovals          = 50
	maxSelectors          = 100
	maxNeed               = 10
	maxNameLength         = 64
	maxAccountPartLength  = 128
	maxServerPatternRunes = 105 // of region/id
)

// The names of the rules of policies, as stable as those of package change.
const (
	RuleSeveralDocuments = "several-documents"
	RuleKeyMissing       = "key-missing"
	RuleEmptyList        = "empty-list"
	RuleTooManyEntries   = "too-many-entries"
	RuleDuplicateEntry   = "duplicate-entry"
	RulePersonNameFormat = "person-name-format"
	RulePersonDuplicate  = "person-duplicate"
	RulePersonUnknown    = "person-unknown"
	RuleLangUnknown      = "lang-unknown"
	RuleDoorUnknown      = "door-unknown"
	RuleTenantNotTaken   = "tenant-not-taken"
	RuleAccountFormat    = "account-format"
	RuleAccountShared    = "account-shared"
	RuleServerNameFormat = "server-name-format"
	RuleServerDuplicate  = "server-duplicate"
	RuleServerUnknown    = "server-unknown"
	RuleServerPattern    = "server-pattern"
	RuleRoleUnknown      = "role-unknown"
	RuleNeedRange        = "need-range"
	RuleNeedNotReachable = "need-not-reachable"
	RuleNotPermitted     = "not-permitted"
	RuleUnknownAccount   = "unknown-account"
)

// Rules lists the rules that a policy must keep. Those of ids and of settings
// are rules of package change.
func Rules() []change.Rule {
	rules := append(document.Rules(), ruleOf(change.RuleWrongType), ruleOf(change.RuleRegionFormat), ruleOf(change.RuleServerIDFormat), ruleOf(change.RuleUnknownSetting))
	return append(rules, []change.Rule{
		{Name: RuleSeveralDocuments, Says: "a policy is one document"},
		{Name: RuleKeyMissing, Says: "every key that is required is given"},
		{Name: RuleEmptyList, Says: "a list other than people, servers, grants and approvals has an entry"},
		{Name: RuleTooManyEntries, Says: "at most 500 people with 20 accounts each, 500 servers, 200 grants, 50 approvals, and 100 servers in a grant or an approval"},
		{Name: RuleDuplicateEntry, Says: "an entry stands once in its list"},
		{Name: RulePersonNameFormat, Says: "a person's name has 1 to 64 letters, digits, full stops, underscores, hyphens and @, and starts with a letter or a digit"},
		{Name: RulePersonDuplicate, Says: "a person stands once in people, in whatever case the name is written"},
		{Name: RulePersonUnknown, Says: "who names people, or is \"*\" alone"},
		{Name: RuleLangUnknown, Says: "lang is zh or en"},
		{Name: RuleDoorUnknown, Says: "door is dingtalk, feishu, wecom, slack, http, file or timer"},
		{Name: RuleTenantNotTaken, Says: "tenant is given for chat platforms, and for no other door"},
		{Name: RuleAccountFormat, Says: "tenant and user have 1 to 128 characters, without blanks and control characters"},
		{Name: RuleAccountShared, Says: "an account belongs to one person"},
		{Name: RuleServerNameFormat, Says: "a server's name has 1 to 64 letters, digits, full stops, underscores and hyphens, starts with a letter or a digit, and does not look like the id of a server or a change"},
		{Name: RuleServerDuplicate, Says: "a server has one name, and a name stands for one server, in whatever case it is written"},
		{Name: RuleServerUnknown, Says: "a grant or an approval names servers that servers lists, ids, or patterns that can match one of these"},
		{Name: RuleServerPattern, Says: "a server is written as a name, an id, region/id, or a pattern of one of these with *"},
		{Name: RuleRoleUnknown, Says: "a role is viewer, operator, approver or admin"},
		{Name: RuleNeedRange, Says: "need is 1 to 10"},
		{Name: RuleNeedNotReachable, Says: "there are as many people as need says who may agree to the change of somebody else"},
	}...)
}

// Refusals lists the rules of what people may do.
func Refusals() []change.Rule {
	return []change.Rule{
		{Name: RuleUnknownAccount, Says: "the account that asks belongs to a person of the policy"},
		{Name: RuleNotPermitted, Says: "a grant allows the person to do this, on this server, to each of these settings"},
	}
}

// ruleOf finds a rule of package change.
func ruleOf(name string) change.Rule {
	for _, r := range change.Rules() {
		if r.Name == name {
			return r
		}
	}
	return change.Rule{Name: name}
}
