package change

// Rule is one thing that a change must keep.
type Rule struct {
	Name string // stable: programs and people search for it
	Says string // what must hold
}

// The names of the rules. They are part of the product's contract: a name is
// never given another meaning.
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

// Rules lists every rule of this package. Those of ModifySslVpnServer follow
// the parameter table of the VPC API, version 2016-04-28; where its older and
// newer text differ, the stricter of the two that refuses nothing in use.
func Rules() []Rule {
	return append(targetRules(), append(settingRules(), documentRules()...)...)
}

func targetRules() []Rule {
	return []Rule{
		{RuleRequired, "RegionId and SslVpnServerId are given"},
		{RuleRegionFormat, "RegionId looks like cn-hangzhou: lower-case letters, digits and hyphens, 40 characters at most"},
		{RuleServerIDFormat, "SslVpnServerId is vss- and lower-case letters or digits, 64 characters at most"},
		{RuleNothingToSet, "a change sets at least one setting"},
		{RuleUnknownSetting, "every setting is one that ModifySslVpnServer takes"},
		{RuleWrongType, "every value has the type of its key: text, whole number, true or false, list or mapping"},
	}
}

func settingRules() []Rule {
	return []Rule{
		{RuleNameLength, "Name has 2 to 100 characters"},
		{RuleNameFormat, "Name starts with a letter or a Chinese character and holds letters, digits, Chinese characters, full stops, underscores and hyphens"},
		{RuleCIDRSyntax, "a network is an IPv4 CIDR such as 10.30.30.0/24"},
		{RuleCIDRHostBits, "a network has no bits set beyond its mask"},
		{RulePoolMask, "ClientIpPool has a mask of /16 to /29"},
		{RulePoolForbiddenRange, "ClientIpPool stays out of 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4 and 255.0.0.0/8"},
		{RulePoolOverlapsLocalSubnet, "ClientIpPool and LocalSubnet share no address"},
		{RulePoolSize, "ClientIpPool has four addresses for each connection that the gateway allows"},
		{RuleLocalSubnetMask, "each network of LocalSubnet has a mask of /8 to /32"},
		{RuleLocalSubnetCount, "LocalSubnet names 1 to 5 networks"},
		{RuleLocalSubnetForbiddenRange, "LocalSubnet stays out of 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4 and 255.0.0.0/8"},
		{RuleLocalSubnetDuplicate, "LocalSubnet names each network once"},
		{RuleProtoUnknown, "Proto is TCP or UDP"},
		{RulePortRange, "Port is 1 to 65535"},
		{RulePortReserved, "Port is none of the 16 ports that the gateway keeps for itself"},
		{RuleCipherUnknown, "Cipher is AES-128-CBC, AES-192-CBC, AES-256-CBC or none"},
		{RuleIDaaSFormat, "an IDaaS value has 1 to 128 letters, digits, full stops, underscores and hyphens"},
		{RuleMFANeedsIDaaS, "multi-factor authentication is on only where IDaaSInstanceId and IDaaSRegionId are set"},
	}
}

func documentRules() []Rule {
	return []Rule{
		{RuleTokenLength, "ClientToken has 1 to 64 characters"},
		{RuleTokenASCII, "ClientToken is printable ASCII without blanks"},
		{RuleTokenReused, "a ClientToken stands for one set of settings of a server"},
		{RuleTokenDuplicate, "a document asks for the same change once"},
		{RuleExpectEmpty, "expect names at least one setting"},
		{RuleExpectLength, "a text in expect has 512 characters at most"},
		{RuleExpectMismatch, "the server still has the values that expect names"},
		{RuleRefLength, "ref has 128 characters at most"},
		{RuleReasonLength, "reason has 500 characters at most"},
		{RuleRequestedByLength, "requestedBy has 128 characters at most"},
		{RuleControlCharacter, "no text holds line breaks, control characters or invisible formatting characters"},
		{RuleNotBeforeTooFar, "notBefore lies at most 366 days ahead"},
		{RuleExpiresBeforeNotBefore, "expiresAt lies after notBefore"},
		{RuleExpiresInPast, "expiresAt lies in the future"},
		{RuleExpiresTooFar, "expiresAt lies at most 366 days after the change becomes due"},
	}
}
