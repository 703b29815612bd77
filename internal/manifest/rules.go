package manifest

import "sslvpnchange/internal/change"

// The names of the rules of documents, as stable as those of package change.
const (
	RuleTooLarge              = "too-large"
	RuleTooManyChanges        = "too-many-changes"
	RuleTooDeep               = "too-deep"
	RuleEncoding              = "encoding"
	RuleFormatUnknown         = "format-unknown"
	RuleYAMLSyntax            = "yaml-syntax"
	RuleYAMLAnchor            = "yaml-anchor"
	RuleYAMLTag               = "yaml-tag"
	RuleJSONSyntax            = "json-syntax"
	RuleEmptyDocument         = "empty-document"
	RuleNoChanges             = "no-changes"
	RuleUnknownKey            = "unknown-key"
	RuleMisplacedKey          = "misplaced-key"
	RuleDuplicateKey          = "duplicate-key"
	RuleRefusedParameter      = "refused-parameter"
	RuleActionUnknown         = "action-unknown"
	RuleTimeFormat            = "time-format"
	RuleRequestedByNotAllowed = "requested-by-not-allowed"
	RuleMoreProblems          = "more-problems"
)

// Rules lists the rules of this package; those of the values are
// change.Rules().
func Rules() []change.Rule {
	return []change.Rule{
		{Name: RuleTooLarge, Says: "a document has at most 1 MiB and 100,000 keys and values"},
		{Name: RuleTooManyChanges, Says: "a file has at most 1,000 changes"},
		{Name: RuleTooDeep, Says: "lists and mappings are nested at most 16 deep"},
		{Name: RuleEncoding, Says: "a document is UTF-8 without control characters; a byte order mark is accepted"},
		{Name: RuleFormatUnknown, Says: "a document is YAML or JSON"},
		{Name: RuleYAMLSyntax, Says: "a YAML document is well-formed"},
		{Name: RuleYAMLAnchor, Says: "a YAML document has no anchors, aliases or merge keys"},
		{Name: RuleYAMLTag, Says: "a YAML document has no tags"},
		{Name: RuleJSONSyntax, Says: "a JSON document is well-formed, and nothing follows it"},
		{Name: RuleEmptyDocument, Says: "a document is not empty"},
		{Name: RuleNoChanges, Says: "a document asks for at least one change"},
		{Name: RuleUnknownKey, Says: "every key is known, and spelled as on this page"},
		{Name: RuleMisplacedKey, Says: "every key stands where it belongs: beside changes, or in a change"},
		{Name: RuleDuplicateKey, Says: "a key stands once in its mapping"},
		{Name: RuleRefusedParameter, Says: "no parameter of the API that is not a setting is given"},
		{Name: RuleActionUnknown, Says: "Action, if given, is ModifySslVpnServer"},
		{Name: RuleTimeFormat, Says: "a time is RFC 3339 with a zone"},
		{Name: RuleRequestedByNotAllowed, Says: "requestedBy stands in files only"},
		{Name: RuleMoreProblems, Says: "at most 100 problems are listed; the last line counts the others"},
	}
}
