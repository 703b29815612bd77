package oss

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // signature V1 is defined with it
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	maxSkew   = 15 * time.Minute // documented
	v4Name    = "OSS4-HMAC-SHA256"
	v4Request = "aliyun_v4_request"
	isoTime   = "20060102T150405Z"
)

// authenticate verifies a signature in the Authorization header, V4 or V1.
// Signed URLs and anonymous access are not known (own choice).
func (e *Emulator) authenticate(r *http.Request, t target) (Credentials, *apiError) {
	auth := r.Header.Get("Authorization")
	var who Credentials
	var bad *apiError
	var valid bool
	switch {
	case strings.HasPrefix(auth, v4Name+" "):
		parts := fields(strings.TrimPrefix(auth, v4Name+" "))
		scope := strings.Split(parts["Credential"], "/")
		if len(scope) != 5 {
			return who, fault(400, "InvalidArgument", "", "The Credential of the Authorization header is malformed.")
		}
		if who, bad = e.principal(r, scope[0]); bad != nil {
			return who, bad
		}
		valid = scope[2] == e.opts.Region && scope[3] == "oss" && scope[4] == v4Request &&
			signatureV4(r, t, who.AccessKeySecret, scope, parts["AdditionalHeaders"]) == parts["Signature"]
	case strings.HasPrefix(auth, "OSS "):
		if e.opts.RefuseV1 {
			return who, fault(403, "InvalidArgument", "0002-00000080", "The bucket you are attempting to access must be addressed using OSS signature version 4.")
		}
		id, signature, _ := strings.Cut(strings.TrimPrefix(auth, "OSS "), ":")
		if who, bad = e.principal(r, id); bad != nil {
			return who, bad
		}
		valid = signatureV1(r, t, who.AccessKeySecret) == signature
	default:
		return who, fault(403, "AccessDenied", "", "You have no right to access this object because of bucket acl.")
	}
	if !valid {
		return who, fault(403, "SignatureDoesNotMatch", "0002-00000040", "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
	}
	return who, e.checkTime(r)
}

// principal finds the credentials and checks their token.
func (e *Emulator) principal(r *http.Request, id string) (Credentials, *apiError) {
	e.mu.Lock()
	who, ok := e.credentials[id]
	e.mu.Unlock()
	token := r.Header.Get("X-Oss-Security-Token")
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

func (e *Emulator) checkTime(r *http.Request) *apiError {
	at, err := time.Parse(isoTime, r.Header.Get("X-Oss-Date"))
	if err != nil {
		at, err = http.ParseTime(r.Header.Get("Date"))
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

// signatureV4: the resource is always /bucket/key, in virtual-hosted requests
// too (documented; the SDK's source).
func signatureV4(r *http.Request, t target, secret string, scope []string, additional string) string {
	resource := "/"
	if t.bucket != "" {
		resource += t.bucket + "/" + strings.ReplaceAll(escape(t.key), "%2F", "/")
	}
	signed := strings.Split(additional, ";")
	payload := r.Header.Get("X-Oss-Content-Sha256")
	canonical := strings.Join([]string{
		r.Method, resource, canonicalQuery(r.URL.RawQuery),
		canonicalHeaders(r.Header, func(name string) bool {
			return strings.HasPrefix(name, "x-oss-") || name == "content-md5" || name == "content-type" ||
				slices.Contains(signed, name)
		}),
		additional, payload,
	}, "\n")
	date := r.Header.Get("X-Oss-Date")
	if date == "" {
		date = r.Header.Get("Date")
	}
	sum := sha256.Sum256([]byte(canonical))
	key := []byte("aliyun_v4" + secret)
	for _, part := range scope[1:] {
		key = mac(sha256.New, key, part)
	}
	text := strings.Join([]string{v4Name, date, strings.Join(scope[1:], "/"), hex.EncodeToString(sum[:])}, "\n")
	return hex.EncodeToString(mac(sha256.New, key, text))
}

func signatureV1(r *http.Request, t target, secret string) string {
	resource := "/"
	if t.bucket != "" {
		resource += t.bucket + "/" + t.key
	}
	sub := map[string]string{}
	for name := range t.query {
		if isSubresource(name) {
			sub[name] = t.query.Get(name)
		}
	}
	if len(sub) > 0 {
		resource += "?" + joinQuery(sub)
	}
	text := strings.Join([]string{
		r.Method, r.Header.Get("Content-Md5"), r.Header.Get("Content-Type"), r.Header.Get("Date"),
		canonicalHeaders(r.Header, func(name string) bool { return strings.HasPrefix(name, "x-oss-") }) + resource,
	}, "\n")
	return base64.StdEncoding.EncodeToString(mac(sha1.New, []byte(secret), text))
}

func canonicalHeaders(h http.Header, signed func(name string) bool) string {
	values := map[string]string{}
	for name := range h {
		if lower := strings.ToLower(name); signed(lower) {
			values[lower] = strings.TrimSpace(h.Get(name))
		}
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) { // by name: - sorts before :
		b.WriteString(name + ":" + values[name] + "\n")
	}
	return b.String()
}

func canonicalQuery(raw string) string {
	values := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if name, value, _ := strings.Cut(pair, "="); name != "" {
			values[reescape(name)] = reescape(value)
		}
	}
	return joinQuery(values)
}

// joinQuery sorts by name and leaves out the = of empty values.
func joinQuery(values map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		pair := name
		if values[name] != "" {
			pair += "=" + values[name]
		}
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "&")
}

func reescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return escape(plain)
	}
	return s
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func mac(h func() hash.Hash, key []byte, text string) []byte {
	m := hmac.New(h, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// isSubresource reports the query parameters that select what a request is
// about; V1 signs them.
func isSubresource(name string) bool {
	switch name {
	case "versioning", "versions", "versionId", "acl", "uploads", "uploadId", "partNumber", "delete", "append",
		"position", "location", "logging", "website", "referer", "lifecycle", "cors", "policy", "encryption",
		"tagging", "objectMeta", "bucketInfo", "stat", "symlink", "restore", "qos", "worm", "inventory",
		"replication", "requestPayment", "transferAcceleration", "callback", "x-oss-process", "img", "style",
		"continuation-token", "security-token":
		return true
	}
	return strings.HasPrefix(name, "response-")
}
