package sslvpn

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	apiVersion = "2016-04-28"
	// emptySHA256 is the digest of the empty body that every request has: the
	// parameters travel in the query.
	emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	scheme      = "ACS3-HMAC-SHA256"
)

// sign adds the Authorization of signature version 3: every x-acs-* header, the
// host and the content type are signed, user-agent and accept are not (vendor
// page "Request syntax and signature method V3").
func sign(req *http.Request, creds Credentials) {
	names := []string{"host"}
	for name := range req.Header {
		if name = strings.ToLower(name); name == "content-type" || strings.HasPrefix(name, "x-acs-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var headers strings.Builder
	for _, name := range names {
		value := req.Header.Get(name)
		if name == "host" {
			value = req.URL.Host
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	signed := strings.Join(names, ";")
	canonical := strings.Join([]string{
		req.Method, req.URL.Path, encodeQuery(req.URL.Query()), headers.String(), signed, emptySHA256,
	}, "\n")
	digest := sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(creds.AccessKeySecret.Reveal()))
	mac.Write([]byte(scheme + "\n" + hex.EncodeToString(digest[:])))
	req.Header.Set("Authorization", scheme+" Credential="+creds.AccessKeyID+
		",SignedHeaders="+signed+",Signature="+hex.EncodeToString(mac.Sum(nil)))
}

// encodeQuery renders parameters sorted and encoded after RFC 3986, as the
// signature wants them: url.Values encodes a blank as "+".
func encodeQuery(v url.Values) string {
	return strings.ReplaceAll(v.Encode(), "+", "%20")
}
