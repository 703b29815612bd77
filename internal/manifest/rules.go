package manifest

import (
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
)

// The names of the rules of documents, as stable as those of package change.
const (
	RuleTooLarge              = document.RuleTooLarge
	RuleTooManyChanges        = "too-many-changes"
	RuleTooDeep               = document.RuleTooDeep
	RuleEncoding              = document.RuleEncoding
	RuleFormatUnknown         = document.RuleFormatUnknown
	RuleYAMLSyntax            = document.RuleYAMLSyntax
	RuleYAMLAnchor            = document.RuleYAMLAnchor
	RuleYAMLTag               = document.RuleYAMLTag
	RuleJSONSyntax            = document.RuleJSONSyntax
	RuleEmptyDocument         = document.RuleEmptyDocument
	RuleNoChanges             = "no-changes"
	RuleUnknownKey            = document.RuleUnknownKey
	RuleMisplacedKey          = "misplaced-key"
	RuleDuplicateKey          = document.RuleDuplicateKey
	RuleRefusedParameter      = "refused-parameter"
	RuleActionUnknown         = "action-unknown"
	RuleTimeFormat            = "time-format"
	RuleRequestedByNotAllowed = "requested-by-not-allowed"
	RuleMoreProblems          = document.RuleMoreProblems
)

// Rules lists the rules of this package; those of the values are
// change.Rules().
func Rules() []change.Rule {
	return append(document.Rules(), []change.Rule{
		{Name: RuleTooManyChanges, Says: "a file has at most 1,000 changes"},
		{Name: RuleNoChanges, Says: "a document asks for at least one change"},
		{Name: RuleMisplacedKey, Says: "every key stands where it belongs: beside changes, or in a change"},
		{Name: RuleRefusedParameter, Says: "no parameter of the API that is not a setting is given"},
		{Name: RuleActionUnknown, Says: "Action, if given, is ModifySslVpnServer"},
		{Name: RuleTimeFormat, Says: "a time is RFC 3339 with a zone"},
		{Name: RuleRequestedByNotAllowed, Says: "requestedBy stands in files only"},
	}...)
}
