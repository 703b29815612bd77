package vpc

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // signature version 1 is HMAC-SHA1
	"encoding/base64"
	"maps"
	"net/http"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/signed"
)

const (
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
	toSign := c.method + "&%2F&" + signed.Escape(signed.Query(all))
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(toSign))
	if !hmac.Equal([]byte(got), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))) {
		return badRequest("SignatureDoesNotMatch", "Specified signature is not matched with our calculation. server string to sign is:"+toSign)
	}
	return nil
}

// verifyV3 checks signature version 3.
func verifyV3(c *call, secret string) *apiError {
	no := signed.Check(signed.Request{Method: c.method, Path: c.path, Host: c.host, Query: c.query, Header: c.header, Body: c.body}, secret)
	if no == nil {
		return nil
	}
	return badRequest(no.Code, no.Message)
}
