package manifest

import (
	"strings"

	"sslvpnchange/internal/change"
)

// The keys that are no settings.
const (
	keyChanges     = "changes"
	keyRef         = "ref"
	keyReason      = "reason"
	keyRequestedBy = "requestedBy"
	keyNotBefore   = "notBefore"
	keyExpiresAt   = "expiresAt"
	keyDryRun      = "dryRun"
	keyExpect      = "expect"
	keyAction      = "Action"
	keyRegionID    = "RegionId"
	keyServerID    = "SslVpnServerId"
	keyToken       = "ClientToken"
)

const action = "ModifySslVpnServer"

// HeaderKeys lists the keys that stand once in a document: beside changes, or
// in a bare change.
func HeaderKeys() []string {
	return []string{keyRef, keyReason, keyRequestedBy, keyNotBefore, keyExpiresAt, keyDryRun}
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

// refusedHint tells the way out for parameters of the API that no document may
// hold; ok is false for every other key.
func refusedHint(key string) (hint string, ok bool) {
	if key == "DryRun" {
		return "write dryRun, beside changes", true
	}
	switch strings.ToLower(key) {
	case "owneraccount", "ownerid", "resourceowneraccount", "resourceownerid":
		return "remove it; changes are made with the function's own role", true
	case "dnsservers":
		return "remove it; the API documents no format for it", true
	case "accesskeyid", "accesskeysecret", "securitytoken", "signature":
		return "remove it, and if it was real, replace that key: credentials do not belong in documents", true
	case "signaturemethod", "signatureversion", "signaturenonce", "signaturetype", "timestamp", "version", "format":
		return "remove it; requests are signed when they are sent", true
	default:
		return "", false
	}
}
