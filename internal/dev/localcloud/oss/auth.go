package oss

import (
	"crypto/hmac"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxSkew    = 15 * time.Minute // documented
	maxExpires = 7 * 24 * 3600    // seconds that a URL of V4 is valid at most (documented)
	v4Name     = "OSS4-HMAC-SHA256"
	v4Request  = "aliyun_v4_request"
	isoTime    = "20060102T150405Z"
)

// claim is who a request says that it is from, and how the signature is computed.
type claim struct {
	id, token, signature string
	sign                 func(secret string) string
	valid                bool      // the scope is that of the emulator
	from, until          time.Time // of a signed URL; zero for a signature in a header
}

// authenticate verifies a signature of V4 or V1, in the Authorization header, in the
// URL or in a form. Anonymous access is refused: buckets are private.
func (e *Emulator) authenticate(wk *work) (Credentials, *apiError) {
	var c claim
	var bad *apiError
	if wk.op == "PostObject" && wk.r.Header.Get("Authorization") == "" {
		c, bad = e.claimOfForm(wk)
	} else {
		c, bad = e.claimOf(wk.r, wk.target)
	}
	if bad != nil {
		return Credentials{}, bad
	}
	who, bad := e.principal(c.id, c.token)
	if bad != nil {
		return who, bad
	}
	if !c.valid || !hmac.Equal([]byte(c.sign(who.AccessKeySecret)), []byte(c.signature)) {
		return who, fault(403, "SignatureDoesNotMatch", "0002-00000040", "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
	}
	if c.until.IsZero() {
		return who, e.checkTime(wk.r)
	}
	switch now := e.opts.Clock(); {
	case now.After(c.until):
		return who, fault(403, "AccessDenied", "", "Request has expired.") // documented
	case c.from.Sub(now) > maxSkew:
		return who, errSkewed()
	}
	return who, nil
}

func (e *Emulator) claimOf(r *http.Request, t target) (claim, *apiError) {
	auth := r.Header.Get("Authorization")
	inURL := t.query.Has("Signature") || t.query.Has("OSSAccessKeyId") || t.query.Has("x-oss-signature") || t.query.Has("x-oss-signature-version")
	v1 := strings.HasPrefix(auth, "OSS ") || t.query.Has("Signature")
	switch {
	case inURL && auth != "":
		return claim{}, fault(400, "InvalidArgument", "", "Only one signature is allowed: in the Authorization header or in the URL.") // documented
	case v1 && e.opts.RefuseV1:
		return claim{}, errV1()
	case strings.HasPrefix(auth, v4Name+" "):
		return e.headerV4(r, t, strings.TrimPrefix(auth, v4Name+" "))
	case strings.HasPrefix(auth, "OSS "):
		id, signature, _ := strings.Cut(strings.TrimPrefix(auth, "OSS "), ":")
		date := r.Header.Get("X-Oss-Date") // stands for Date (documented)
		if date == "" {
			date = r.Header.Get("Date")
		}
		return claim{
			id: id, token: r.Header.Get("X-Oss-Security-Token"), signature: signature, valid: true,
			sign: func(secret string) string { return signatureV1(r, t, secret, date) },
		}, nil
	case inURL && t.query.Get("x-oss-signature-version") != "":
		return e.urlV4(r, t)
	case inURL:
		return urlV1(r, t)
	}
	return claim{}, fault(403, "AccessDenied", "", "You have no right to access this object because of bucket acl.")
}

func errV1() *apiError {
	return fault(403, "InvalidArgument", "0002-00000080", "The bucket you are attempting to access must be addressed using OSS signature version 4.")
}

func (e *Emulator) headerV4(r *http.Request, t target, auth string) (claim, *apiError) {
	parts := fields(auth)
	scope := strings.Split(parts["Credential"], "/")
	if len(scope) != 5 {
		return claim{}, fault(400, "InvalidArgument", "", "The Credential of the Authorization header is malformed.")
	}
	date := r.Header.Get("X-Oss-Date")
	if date == "" {
		date = r.Header.Get("Date")
	}
	return claim{
		id: scope[0], token: r.Header.Get("X-Oss-Security-Token"), signature: parts["Signature"], valid: e.inScope(scope),
		sign: func(secret string) string {
			return signatureV4(r, t, secret, v4{
				scope: scope, date: date, query: r.URL.RawQuery, additional: parts["AdditionalHeaders"], payload: r.Header.Get("X-Oss-Content-Sha256"),
			})
		},
	}, nil
}

func (e *Emulator) inScope(scope []string) bool {
	return scope[2] == e.opts.Region && scope[3] == "oss" && scope[4] == v4Request
}

// urlV4 is a signed URL of V4 (documented).
func (e *Emulator) urlV4(r *http.Request, t target) (claim, *apiError) {
	get := t.query.Get
	scope := strings.Split(get("x-oss-credential"), "/")
	at, err := time.Parse(isoTime, get("x-oss-date"))
	seconds, errExpires := strconv.Atoi(get("x-oss-expires"))
	switch {
	case get("x-oss-signature-version") != v4Name, len(scope) != 5, err != nil:
		return claim{}, fault(400, "InvalidArgument", "", "The signed URL has no valid x-oss-signature-version, x-oss-credential or x-oss-date.")
	case errExpires != nil || seconds < 1 || seconds > maxExpires:
		return claim{}, fault(400, "InvalidArgument", "", "x-oss-expires must be from 1 to 604800 seconds.")
	}
	return claim{
		id: scope[0], token: get("x-oss-security-token"), signature: get("x-oss-signature"), valid: e.inScope(scope),
		from: at, until: at.Add(time.Duration(seconds) * time.Second),
		sign: func(secret string) string {
			return signatureV4(r, t, secret, v4{
				scope: scope, date: get("x-oss-date"), query: without(r.URL.RawQuery, "x-oss-signature"),
				additional: get("x-oss-additional-headers"), payload: "UNSIGNED-PAYLOAD",
			})
		},
	}, nil
}

// urlV1 is a signed URL of V1: the time at which it expires takes the place of the date
// (documented).
func urlV1(r *http.Request, t target) (claim, *apiError) {
	get := t.query.Get
	until, err := strconv.ParseInt(get("Expires"), 10, 64)
	if err != nil || get("OSSAccessKeyId") == "" || get("Signature") == "" {
		return claim{}, fault(403, "AccessDenied", "", "A signed URL needs OSSAccessKeyId, Expires and Signature.")
	}
	token := get("security-token")
	if token == "" {
		token = r.Header.Get("X-Oss-Security-Token")
	}
	return claim{
		id: get("OSSAccessKeyId"), token: token, signature: get("Signature"), valid: true, until: time.Unix(until, 0),
		sign: func(secret string) string { return signatureV1(r, t, secret, get("Expires")) },
	}, nil
}

// principal finds the credentials and checks their token.
func (e *Emulator) principal(id, token string) (Credentials, *apiError) {
	e.mu.Lock()
	who, ok := e.credentials[id]
	e.mu.Unlock()
	switch {
	case !ok:
		return who, fault(403, "InvalidAccessKeyId", "0002-00000902", "The OSS Access Key Id you provided does not exist in our records.")
	case token != who.SecurityToken:
		return who, fault(403, "InvalidSecurityToken", "", "The security token you provided is invalid.")
	case !who.Expires.IsZero() && !e.opts.Clock().Before(who.Expires):
		return who, errTokenExpired()
	}
	if who.Principal == "" {
		who.Principal = e.opts.AccountID
	}
	return who, nil
}

func errTokenExpired() *apiError {
	return fault(403, "SecurityTokenExpired", "", "The security token you provided has expired.")
}

// checkTime checks the date of a request, in one of the forms that clients send.
func (e *Emulator) checkTime(r *http.Request) *apiError {
	date := r.Header.Get("X-Oss-Date")
	if date == "" {
		date = r.Header.Get("Date")
	}
	at, err := time.Parse(isoTime, date)
	if err != nil {
		at, err = http.ParseTime(date)
	}
	if err != nil {
		return fault(403, "AccessDenied", "", "OSS authentication requires a valid Date.")
	}
	if e.opts.Clock().Sub(at).Abs() > maxSkew {
		return errSkewed()
	}
	return nil
}

func errSkewed() *apiError {
	return fault(403, "RequestTimeTooSkewed", "", "The difference between the request time and the current time is too large.")
}

// fields splits a=b,c=d.
func fields(s string) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(s, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		out[name] = value
	}
	return out
}
