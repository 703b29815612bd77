package vpc

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // signature version 1 is HMAC-SHA1
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	schemeV3 = "ACS3-HMAC-SHA256"
	// skew is how far a request's date may be off (documented).
	skew       = 15 * time.Minute
	timeLayout = "2006-01-02T15:04:05Z"
)

// authenticate checks what the API's gateway checks for every API.
func (e *Emulator) authenticate(c *call) *apiError {
	e.mu.Lock()
	defer e.mu.Unlock()
	key, refusal := e.key(c)
	if refusal != nil {
		return refusal
	}
	if refusal := e.fresh(c); refusal != nil {
		return refusal
	}
	if refusal := verify(c, key.AccessKeySecret); refusal != nil {
		return refusal
	}
	// The real service keeps nonces for the 15 minutes in which a request is
	// not stale (documented: SignatureNonceUsed).
	if c.at.Sub(e.swept) > skew {
		e.swept = c.at
		maps.DeleteFunc(e.nonces, func(_ string, at time.Time) bool { return c.at.Sub(at) > 2*skew })
	}
	if _, used := e.nonces[c.nonce]; used {
		return badRequest("SignatureNonceUsed", "Specified signature nonce was used already.") // documented
	}
	e.nonces[c.nonce] = c.at
	if c.version != "2016-04-28" {
		return badRequest("InvalidVersion", "Specified parameter Version is not valid.") // documented
	}
	return nil
}

// key finds the credentials. The codes of errors about security tokens are not
// published: own choice, after those that the SDKs expect.
func (e *Emulator) key(c *call) (Credential, *apiError) {
	if c.keyID == "" {
		return Credential{}, errMissing("AccessKeyId")
	}
	key, ok := e.keys[c.keyID+"\n"+c.token]
	if !ok {
		for _, k := range e.keys {
			switch {
			case k.AccessKeyID != c.keyID:
			case c.token == "":
				return Credential{}, badRequest("MissingSecurityToken", "SecurityToken is mandatory for this action.")
			default:
				return Credential{}, badRequest("InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey.")
			}
		}
		return Credential{}, &apiError{status: http.StatusNotFound, code: "InvalidAccessKeyId.NotFound", message: "Specified access key is not found."} // documented
	}
	if !key.Expires.IsZero() && c.at.After(key.Expires) {
		return Credential{}, badRequest("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
	}
	return key, nil
}

func (e *Emulator) fresh(c *call) *apiError {
	if c.nonce == "" {
		return errMissing("SignatureNonce")
	}
	at, err := time.Parse(timeLayout, c.timestamp)
	if err != nil {
		return badRequest("InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.") // documented
	}
	if c.at.Sub(at).Abs() > skew {
		return badRequest("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.") // documented
	}
	return nil
}

func verify(c *call, secret string) *apiError {
	if c.v3 {
		return verifyV3(c, secret)
	}
	return verifyV1(c, secret)
}

// verifyV1 checks the signature of the RPC style, HMAC-SHA1 over query and form
// (documented; the trailing words of the message were observed).
func verifyV1(c *call, secret string) *apiError {
	all := merge(c.query, c.form)
	if all.Get("SignatureMethod") != "HMAC-SHA1" || all.Get("SignatureVersion") != "1.0" {
		return badRequest("InvalidSignatureMethod", "Specified signature method is not valid.") // documented
	}
	got := all.Get("Signature")
	if got == "" {
		return badRequest("IncompleteSignature", "The request signature does not conform to Aliyun standards.") // documented
	}
	all.Del("Signature")
	toSign := c.method + "&%2F&" + escape(canonicalQuery(all))
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(toSign))
	if !hmac.Equal([]byte(got), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))) {
		return badRequest("SignatureDoesNotMatch", "Specified signature is not matched with our calculation. server string to sign is:"+toSign)
	}
	return nil
}

// verifyV3 checks signature version 3 (documented). Every common header that is
// present must be signed.
func verifyV3(c *call, secret string) *apiError {
	auth := c.header.Get("Authorization")
	signed := strings.Split(authParam(auth, "SignedHeaders"), ";")
	for _, need := range append(acsHeaders(c.header), "host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version") {
		if !slices.Contains(signed, need) {
			return badRequest("IncompleteSignature", "The header "+need+" is not signed.") // own choice of words
		}
	}
	digest := sha256.Sum256(c.body)
	hash := hex.EncodeToString(digest[:])
	if c.header.Get("X-Acs-Content-Sha256") != hash {
		return badRequest("SignatureDoesNotMatch", "The digest of the body is not x-acs-content-sha256.") // own choice of words
	}
	var headers strings.Builder
	for _, name := range signed {
		value := c.header.Get(name)
		if name == "host" {
			value = c.host
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical := strings.Join([]string{c.method, c.path, canonicalQuery(c.query), headers.String(), strings.Join(signed, ";"), hash}, "\n")
	digest = sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(schemeV3 + "\n" + hex.EncodeToString(digest[:])))
	if !hmac.Equal([]byte(authParam(auth, "Signature")), []byte(hex.EncodeToString(mac.Sum(nil)))) {
		return badRequest("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
	}
	return nil
}

func acsHeaders(h http.Header) []string {
	var names []string
	for name := range h {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-acs-") {
			names = append(names, name)
		}
	}
	return names
}

// authParam reads one part of "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=b,Signature=c".
func authParam(auth, name string) string {
	for part := range strings.SplitSeq(strings.TrimPrefix(auth, schemeV3), ",") {
		if key, value, _ := strings.Cut(strings.TrimSpace(part), "="); key == name {
			return value
		}
	}
	return ""
}

// canonicalQuery decodes and encodes again, because clients write a blank as +.
func canonicalQuery(v url.Values) string {
	var pairs []string
	for name, values := range v {
		for _, value := range values {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// escape encodes after RFC 3986.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
