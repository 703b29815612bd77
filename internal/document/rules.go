package document

// The names of the rules of notation, as stable as those of package change. The
// rule for wrong types is change.RuleWrongType.
const (
	RuleTooLarge      = "too-large"
	RuleTooDeep       = "too-deep"
	RuleEncoding      = "encoding"
	RuleFormatUnknown = "format-unknown"
	RuleYAMLSyntax    = "yaml-syntax"
	RuleYAMLAnchor    = "yaml-anchor"
	RuleYAMLTag       = "yaml-tag"
	RuleYAMLDirective = "yaml-directive"
	RuleOtherDocument = "other-document"
	RuleJSONSyntax    = "json-syntax"
	RuleEmptyDocument = "empty-document"
	RuleUnknownKey    = "unknown-key"
	RuleDuplicateKey  = "duplicate-key"
	RuleMoreProblems  = "more-problems"
)
