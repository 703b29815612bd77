package sls

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

// maxSkew is how far a client's clock may be off.
const maxSkew = 15 * time.Minute

// check checks the headers and the signature of a request.
func (e *Emulator) check(r *http.Request, body []byte) *refusal {
	h := r.Header
	at, err := time.Parse("20060102T150405Z", h.Get("x-log-date"))
	if err != nil {
		return &refusal{400, "InvalidDateFormat", "x-log-date is not a date"}
	}
	if skew := e.opts.Now().Sub(at); skew > maxSkew || skew < -maxSkew {
		return &refusal{400, "RequestTimeTooSkewed", "the time of the request and of the server differ too much"}
	}
	digest := fmt.Sprintf("%x", sha256.Sum256(body))
	switch {
	case h.Get("x-log-apiversion") != "0.6.0":
		return &refusal{400, "InvalidAPIVersion", "x-log-apiversion must be 0.6.0"}
	case h.Get("x-log-bodyrawsize") != strconv.Itoa(len(body)):
		return &refusal{400, "InvalidBodyRawSize", "x-log-bodyrawsize is not the size of the body"}
	case h.Get("x-log-content-sha256") != digest:
		return &refusal{400, "InvalidContentSha256", "x-log-content-sha256 is not the digest of the body"}
	case h.Get("x-acs-security-token") != e.opts.Token:
		return &refusal{401, "Unauthorized", "the security token is not valid"}
	}
	credential, signed, ok := strings.Cut(strings.TrimPrefix(h.Get("Authorization"), "SLS4-HMAC-SHA256 Credential="), ",Signature=")
	day := h.Get("x-log-date")[:8]
	scope := strings.Join([]string{day, e.opts.Region, "sls", "aliyun_v4_request"}, "/")
	if !ok || credential != e.opts.AccessKeyID+"/"+scope {
		return &refusal{401, "Unauthorized", "the access key " + credential + " is not found"}
	}
	key := []byte("aliyun_v4" + e.opts.Secret)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	toSign := fmt.Sprintf("SLS4-HMAC-SHA256\n%s\n%s\n%x", h.Get("x-log-date"), scope, sha256.Sum256([]byte(canonical(r, digest))))
	if want := hex.EncodeToString(mac(key, toSign)); !hmac.Equal([]byte(want), []byte(signed)) {
		return &refusal{401, "SignatureNotMatch", "signature " + signed + " not match " + want}
	}
	return nil
}

// canonical is a request in the form that is signed.
func canonical(r *http.Request, digest string) string {
	header := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		if l := strings.ToLower(name); l == "content-type" || strings.HasPrefix(l, "x-log-") || strings.HasPrefix(l, "x-acs-") {
			header[l] = values[0]
		}
	}
	names := make([]string, 0, len(header))
	for n := range header {
		names = append(names, n)
	}
	sort.Strings(names)
	var out strings.Builder
	out.WriteString(r.Method + "\n" + r.URL.EscapedPath() + "\n")
	query := r.URL.Query()
	keys := make([]string, 0, len(query))
	for k := range query {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for i, k := range keys {
		if i > 0 {
			out.WriteByte('&')
		}
		out.WriteString(k)
		if v := query.Get(k); v != "" {
			out.WriteString("=" + strings.ReplaceAll(url.QueryEscape(v), "+", "%20"))
		}
	}
	out.WriteByte('\n')
	for _, n := range names {
		out.WriteString(n + ":" + header[n] + "\n")
	}
	out.WriteString("\n" + strings.Join(names, ";") + "\n" + digest)
	return out.String()
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text)) // a hash does not fail
	return h.Sum(nil)
}
