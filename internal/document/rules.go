package document

import "sslvpnchange/internal/change"

// The names of the rules of notation, as stable as those of package change.
const (
	RuleTooLarge      = "too-large"
	RuleTooDeep       = "too-deep"
	RuleEncoding      = "encoding"
	RuleFormatUnknown = "format-unknown"
	RuleYAMLSyntax    = "yaml-syntax"
	RuleYAMLAnchor    = "yaml-anchor"
	RuleYAMLTag       = "yaml-tag"
	RuleJSONSyntax    = "json-syntax"
	RuleEmptyDocument = "empty-document"
	RuleUnknownKey    = "unknown-key"
	RuleDuplicateKey  = "duplicate-key"
	RuleMoreProblems  = "more-problems"
)

// Rules lists the rules of this package. Wrong types are change.RuleWrongType.
func Rules() []change.Rule {
	return []change.Rule{
		{Name: RuleTooLarge, Says: "a document has at most 1 MiB and 100,000 keys and values"},
		{Name: RuleTooDeep, Says: "lists and mappings are nested at most 16 deep"},
		{Name: RuleEncoding, Says: "a document is UTF-8 without control characters; a byte order mark is accepted"},
		{Name: RuleFormatUnknown, Says: "a document is YAML or JSON"},
		{Name: RuleYAMLSyntax, Says: "a YAML document is well-formed"},
		{Name: RuleYAMLAnchor, Says: "a YAML document has no anchors, aliases or merge keys"},
		{Name: RuleYAMLTag, Says: "a YAML document has no tags"},
		{Name: RuleJSONSyntax, Says: "a JSON document is well-formed, and nothing follows it"},
		{Name: RuleEmptyDocument, Says: "a document is not empty"},
		{Name: RuleUnknownKey, Says: "every key is known, and spelled as on this page"},
		{Name: RuleDuplicateKey, Says: "a key stands once in its mapping"},
		{Name: RuleMoreProblems, Says: "at most 100 problems are listed; the last line counts the others"},
	}
}
