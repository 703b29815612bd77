package manifest

// The names of the rules of change documents, as stable as those of package
// change. Those of their notation are in package document.
const (
	RuleTooManyChanges        = "too-many-changes"
	RuleNoChanges             = "no-changes"
	RuleMisplacedKey          = "misplaced-key"
	RuleRefusedParameter      = "refused-parameter"
	RuleActionUnknown         = "action-unknown"
	RuleYAMLComment           = "yaml-comment"
	RuleTimeFormat            = "time-format"
	RuleRequestedByNotAllowed = "requested-by-not-allowed"
)
