package manifest

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// The keys that are not settings.
const (
	keyChanges     = "changes"
	keyRef         = "ref"
	keyReason      = "reason"
	keyRequestedBy = "requestedBy"
	keyNotBefore   = "notBefore"
	keyExpiresAt   = "expiresAt"
	keyDryRun      = "dryRun"
	keyConfirm     = "confirm"
	keyWhen        = "when"
	keyProof       = "proof"
	keyOverride    = "override"
	keyExpect      = "expect"
	keyAction      = "Action"
	keyRegionID    = "RegionId"
	keyServerID    = "SslVpnServerId"
	keyToken       = "ClientToken"
)

const action = "ModifySslVpnServer"

// HeaderKeys lists the keys of a document's header: next to changes, or in a bare
// change.
func HeaderKeys() []string {
	return []string{keyRef, keyReason, keyRequestedBy, keyNotBefore, keyExpiresAt, keyDryRun, keyConfirm, keyWhen, keyProof, keyOverride}
}

// ChangeKeys lists the keys of a change.
func ChangeKeys() []string {
	keys := []string{keyAction, keyRegionID, keyServerID}
	for _, f := range change.Fields() {
		keys = append(keys, string(f))
	}
	return append(keys, keyToken, keyExpect)
}

// ExpectKeys lists the keys of expect.
func ExpectKeys() []string {
	var keys []string
	for _, f := range change.Fields() {
		keys = append(keys, string(f))
	}
	return keys
}

// refusedHint returns how to fix a document with a parameter of the API that is not
// allowed; ok is false for every other key.
func refusedHint(key string) (hint string, ok bool) {
	if key == "DryRun" {
		return "write dryRun, next to changes", true
	}
	switch strings.ToLower(key) {
	case "owneraccount", "ownerid", "resourceowneraccount", "resourceownerid":
		return "remove it; the function changes servers with its own role", true
	case "dnsservers":
		return "remove it; the API documents no format for it", true
	case "accesskeyid", "accesskeysecret", "securitytoken", "signature":
		return "remove it, and if it is a real credential, replace that credential: it must not be in documents", true
	case "signaturemethod", "signatureversion", "signaturenonce", "signaturetype", "timestamp", "version", "format":
		return "remove it; requests are signed when they are sent", true
	case "vpngatewayid", "createtime", "connections", "maxconnections", "internetip", "idaasinstanceversion", "resourcegroupid", "requestid":
		return "reported by the API, cannot be set: remove it", true
	default:
		return "", false
	}
}
