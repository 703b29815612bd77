// Package signed checks requests that are signed with version 3 of the signature of
// Alibaba Cloud's APIs, for the emulators of these APIs. It is written from the
// vendor's description, apart from the function's own code, which it checks.
package signed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Scheme begins the Authorization of a request that is signed with version 3.
const Scheme = "ACS3-HMAC-SHA256"

// Request is a request as it was received.
type Request struct {
	Method, Path, Host string
	Query              url.Values
	Header             http.Header
	Body               []byte
}

// Refusal is the error that an API answers.
type Refusal struct{ Code, Message string }

// Check checks the signature of a request. Every common header that is present must be
// signed.
func Check(r Request, secret string) *Refusal {
	auth := r.Header.Get("Authorization")
	names := strings.Split(Param(auth, "SignedHeaders"), ";")
	for _, need := range append(common(r.Header), "host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version") {
		if !slices.Contains(names, need) {
			return &Refusal{"IncompleteSignature", "The header " + need + " is not signed."} // own choice of words
		}
	}
	digest := sha256.Sum256(r.Body)
	hash := hex.EncodeToString(digest[:])
	if r.Header.Get("X-Acs-Content-Sha256") != hash {
		return &Refusal{"SignatureDoesNotMatch", "The digest of the body is not x-acs-content-sha256."} // own choice of words
	}
	var headers strings.Builder
	for _, name := range names {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical := strings.Join([]string{r.Method, r.Path, Query(r.Query), headers.String(), strings.Join(names, ";"), hash}, "\n")
	digest = sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(Scheme + "\n" + hex.EncodeToString(digest[:])))
	if !hmac.Equal([]byte(Param(auth, "Signature")), []byte(hex.EncodeToString(mac.Sum(nil)))) {
		return &Refusal{"SignatureDoesNotMatch", "Specified signature is not matched with our calculation."}
	}
	return nil
}

// common are the names of the headers that have to be signed where they are present.
func common(h http.Header) []string {
	var names []string
	for name := range h {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-acs-") || name == "content-type" {
			names = append(names, name)
		}
	}
	return names
}

// Param reads one part of "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=b,Signature=c".
func Param(auth, name string) string {
	for part := range strings.SplitSeq(strings.TrimPrefix(auth, Scheme), ",") {
		if key, value, _ := strings.Cut(strings.TrimSpace(part), "="); key == name {
			return value
		}
	}
	return ""
}

// Query renders parameters as they are signed. It encodes them again, because clients
// write a blank as +.
func Query(v url.Values) string {
	var pairs []string
	for name, values := range v {
		for _, value := range values {
			pairs = append(pairs, Escape(name)+"="+Escape(value))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// Escape encodes after RFC 3986.
func Escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
