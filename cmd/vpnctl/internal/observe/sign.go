package observe

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/signature"
)

// The constants of version 4 of the signature of SLS.
const (
	scheme     = "SLS4-HMAC-SHA256"
	keyPrefix  = "aliyun_v4"
	terminator = "aliyun_v4_request"
	dateForm   = "20060102T150405Z"
)

// sign adds to a request the headers of SLS and its signature. It signs the host, the
// content type and every header that begins with x-log- or x-acs-.
func sign(req *http.Request, body []byte, key signature.Key, region string, now time.Time) {
	h := req.Header
	date, digest := now.UTC().Format(dateForm), hexSHA256(body)
	h.Set("X-Log-Apiversion", "0.6.0")
	h.Set("X-Log-Bodyrawsize", strconv.Itoa(len(body)))
	h.Set("X-Log-Date", date)
	h.Set("X-Log-Content-Sha256", digest)
	if t := key.Token.Reveal(); t != "" {
		h.Set("X-Acs-Security-Token", t)
	}
	names, lines := signedHeaders(req)
	canonical := strings.Join([]string{req.Method, req.URL.EscapedPath(), signedQuery(req.URL.Query()), lines, names, digest}, "\n")
	scope := date[:8] + "/" + region + "/sls/" + terminator
	secret := []byte(keyPrefix + key.Secret.Reveal())
	for _, part := range []string{date[:8], region, "sls", terminator} {
		secret = hmacSHA256(secret, part)
	}
	signed := hmacSHA256(secret, strings.Join([]string{scheme, date, scope, hexSHA256([]byte(canonical))}, "\n"))
	h.Set("Authorization", scheme+" Credential="+key.ID+"/"+scope+",Signature="+hex.EncodeToString(signed))
}

// signedHeaders are the names of the signed headers, and their lines.
func signedHeaders(req *http.Request) (names, lines string) {
	values := map[string]string{"host": req.URL.Host}
	if req.Host != "" {
		values["host"] = req.Host
	}
	for name := range req.Header {
		lower := strings.ToLower(name)
		if lower == "content-type" || strings.HasPrefix(lower, "x-log-") || strings.HasPrefix(lower, "x-acs-") {
			values[lower] = req.Header.Get(name)
		}
	}
	var all []string
	for name := range values {
		all = append(all, name)
	}
	slices.Sort(all)
	var b strings.Builder
	for _, name := range all {
		b.WriteString(name + ":" + values[name] + "\n")
	}
	return strings.Join(all, ";"), b.String()
}

// signedQuery is the query in the form that is signed.
func signedQuery(query url.Values) string {
	var parts []string
	for name := range query {
		part := name
		if v := query.Get(name); v != "" {
			part += "=" + strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
		}
		parts = append(parts, part)
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

func hexSHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
