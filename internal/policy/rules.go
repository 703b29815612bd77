package policy

// Limits of a policy.
const (
	maxPeople             = 500
	maxAccounts           = 20
	maxServers            = 500
	maxGrants             = 200
	maxApprovals          = 50
	maxGuards             = 50
	maxConfirmations      = 50
	maxNotifications      = 50
	maxRooms              = 10 // in one entry
	maxSelectors          = 100
	maxAllSelectors       = 5000 // in all grants and other rules
	maxNeed               = 10
	maxNameLength         = 64
	maxAccountPartLength  = 128
	maxServerPatternRunes = 105 // of region/id
	maxReasonLength       = 200
	maxTests              = 200
	maxTestLength         = 300
	maxCases              = 100  // of a test that does not hold, which are counted
	maxUnlisted           = 100  // servers of tests that servers does not list
	maxTestedTimes        = 1000 // times with the windows and freezes of a server
)

// The names of the rules of policies, as stable as those of package change. Those
// of ids and settings are in package change, those of notation in package document.
const (
	RuleSeveralDocuments = "several-documents"
	RuleKeyMissing       = "key-missing"
	RuleEmptyList        = "empty-list"
	RuleTooManyEntries   = "too-many-entries"
	RuleDuplicateEntry   = "duplicate-entry"
	RulePersonNameFormat = "person-name-format"
	RulePersonDuplicate  = "person-duplicate"
	RuleNameLookAlike    = "name-look-alike"
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
	RuleEditorEverywhere = "policy-editor-everywhere"
	RuleAssistantRole    = "assistant-role"
	RuleNeedRange        = "need-range"
	RuleNeedNotReachable = "need-not-reachable"

	RuleMaxConnectedRange = "max-connected-range"
	RuleOtherwiseUnknown  = "otherwise-unknown"
	RuleConfirmationEmpty = "confirmation-empty"

	RuleTimeZoneUnknown = "time-zone-unknown"
	RuleDigestFormat    = "digest-format"
	RuleQuietFormat     = "quiet-format"

	RuleWindowNameFormat = "window-name-format"
	RuleWindowDuplicate  = "window-duplicate"
	RuleWindowNeverOpens = "window-never-opens"
	RuleDayUnknown       = "day-unknown"
	RuleClockFormat      = "clock-format"
	RuleDateFormat       = "date-format"
	RuleDateContradicts  = "date-contradicts"
	RuleLastStartFormat  = "last-start-format"
	RuleLastStartRange   = "last-start-range"
	RuleTimeZoneInexact  = "time-zone-inexact"
	RuleFreezeTimeFormat = "freeze-time-format"
	RuleFreezeEmpty      = "freeze-empty"
	RuleReasonFormat     = "reason-format"

	RuleTestSyntax = "test-syntax"
	RuleTestValue  = "test-value"
	RuleTestWindow = "test-window-unknown"
	RuleTestFailed = "test-failed"
)

// The names of the rules that refuse what a person may not do, or may no longer do.
const (
	RuleNotPermitted        = "not-permitted"
	RuleUnknownAccount      = "unknown-account"
	RulePermissionWithdrawn = "permission-withdrawn"
	RulePolicyMissing       = "policy-missing"
	RuleTooManyConnected    = "too-many-connected"
)

// The names of the rules that refuse what windows and freezes do not let through.
const (
	RuleNeverOpens           = "never-opens"
	RuleExpiresBeforeOpening = "expires-before-opening"
	RuleOverrideUnknown      = "override-unknown"
	RuleOverrideNotAllowed   = "override-not-allowed"
	RuleOverrideNotNeeded    = "override-not-needed"
)
