package change

// The names of the rules. They are part of the product's contract: the meaning of
// a name never changes. docs/change-file.md says what each requires. Those of
// ModifySslVpnServer follow the parameter table of the VPC API, version
// 2016-04-28; where its older and newer text differ, the stricter of the two that
// refuses nothing in use.
const (
	RuleRequired                  = "required"
	RuleRegionFormat              = "region-format"
	RuleServerIDFormat            = "server-id-format"
	RuleNothingToSet              = "nothing-to-set"
	RuleUnknownSetting            = "unknown-setting"
	RuleWrongType                 = "wrong-type"
	RuleNameLength                = "name-length"
	RuleNameFormat                = "name-format"
	RuleCIDRSyntax                = "cidr-syntax"
	RuleCIDRHostBits              = "cidr-host-bits"
	RulePoolMask                  = "pool-mask"
	RulePoolForbiddenRange        = "pool-forbidden-range"
	RulePoolOverlapsLocalSubnet   = "pool-overlaps-local-subnet"
	RulePoolSize                  = "pool-size"
	RuleLocalSubnetMask           = "local-subnet-mask"
	RuleLocalSubnetCount          = "local-subnet-count"
	RuleLocalSubnetForbiddenRange = "local-subnet-forbidden-range"
	RuleLocalSubnetDuplicate      = "local-subnet-duplicate"
	RuleProtoUnknown              = "proto-unknown"
	RulePortRange                 = "port-range"
	RulePortReserved              = "port-reserved"
	RuleCipherUnknown             = "cipher-unknown"
	RuleIDaaSFormat               = "idaas-format"
	RuleMFANeedsIDaaS             = "mfa-needs-idaas"
	RuleMFANeedsApplication       = "mfa-needs-application"
	RuleTokenLength               = "token-length"
	RuleTokenASCII                = "token-ascii"
	RuleTokenReused               = "token-reused"
	RuleTokenDuplicate            = "token-duplicate"
	RuleExpectEmpty               = "expect-empty"
	RuleExpectLength              = "expect-length"
	RuleExpectMismatch            = "expect-mismatch"
	RuleRefLength                 = "ref-length"
	RuleReasonLength              = "reason-length"
	RuleRequestedByLength         = "requested-by-length"
	RuleControlCharacter          = "control-character"
	RuleNotBeforeTooFar           = "not-before-too-far"
	RuleExpiresBeforeNotBefore    = "expires-before-not-before"
	RuleExpiresInPast             = "expires-in-past"
	RuleExpiresTooFar             = "expires-too-far"
)
