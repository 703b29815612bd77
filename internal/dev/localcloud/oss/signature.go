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
)

// v4 is what a signature of V4 covers beside the request.
type v4 struct {
	scope      []string // access key id, day, region, oss, aliyun_v4_request
	date       string
	query      string // raw
	additional string // names of more signed headers, joined with ;
	payload    string
}

// signatureV4: the resource is always /bucket/key, in virtual-hosted requests
// too (documented; the SDK's source).
func signatureV4(r *http.Request, t target, secret string, s v4) string {
	resource := "/"
	if t.bucket != "" {
		resource += t.bucket + "/" + strings.ReplaceAll(escape(t.key), "%2F", "/")
	}
	signed := strings.Split(s.additional, ";")
	canonical := strings.Join([]string{
		r.Method, resource, canonicalQuery(s.query),
		canonicalHeaders(r, func(name string) bool {
			return strings.HasPrefix(name, "x-oss-") || name == "content-md5" || name == "content-type" ||
				slices.Contains(signed, name)
		}),
		s.additional, s.payload,
	}, "\n")
	sum := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{v4Name, s.date, strings.Join(s.scope[1:], "/"), hex.EncodeToString(sum[:])}, "\n")
	return hex.EncodeToString(mac(sha256.New, keyV4(secret, s.scope), text))
}

// keyV4 derives the key of a day, a region and OSS (documented).
func keyV4(secret string, scope []string) []byte {
	key := []byte("aliyun_v4" + secret)
	for _, part := range scope[1:] {
		key = mac(sha256.New, key, part)
	}
	return key
}

func signatureV1(r *http.Request, t target, secret, date string) string {
	resource := "/"
	if t.bucket != "" {
		resource += t.bucket + "/" + t.key
	}
	sub := map[string]string{}
	for name := range t.query {
		if signedByV1(name) {
			sub[name] = t.query.Get(name)
		}
	}
	if len(sub) > 0 {
		resource += "?" + joinQuery(sub)
	}
	text := strings.Join([]string{
		r.Method, r.Header.Get("Content-Md5"), r.Header.Get("Content-Type"), date,
		canonicalHeaders(r, func(name string) bool { return strings.HasPrefix(name, "x-oss-") }) + resource,
	}, "\n")
	return base64.StdEncoding.EncodeToString(mac(sha1.New, []byte(secret), text))
}

func canonicalHeaders(r *http.Request, signed func(name string) bool) string {
	values := map[string]string{}
	for name := range r.Header {
		if lower := strings.ToLower(name); signed(lower) {
			values[lower] = strings.TrimSpace(r.Header.Get(name))
		}
	}
	if signed("host") {
		values["host"] = r.Host // net/http keeps it apart
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

// without removes a parameter from a raw query.
func without(raw, name string) string {
	var kept []string
	for pair := range strings.SplitSeq(raw, "&") {
		if found, _, _ := strings.Cut(pair, "="); found != name {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
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

// signedByV1 reports the query parameters that a signature of V1 covers: what selects
// the thing that a request is about, and what changes the answer (the lists of the
// vendor's SDKs for Go).
func signedByV1(name string) bool {
	return selects(name) || modifies(name) && name != "x-oss-signature"
}

// modifies reports parameters that do not select another operation.
func modifies(name string) bool {
	switch name {
	case "position", "versionId", "security-token", "continuation-token", "sequential", "callback", "callback-var", "withHashContext", "responseHeader":
		return true
	}
	return strings.HasPrefix(name, "response-") || strings.HasPrefix(name, "x-oss-") && name != processing && name != asyncProcessing
}

const (
	processing      = "x-oss-process"
	asyncProcessing = "x-oss-async-process"
)

// selects reports sub-resources: a request with one is about that, and not about the
// bucket or the object itself.
func selects(name string) bool {
	switch name {
	case "acl", "append", "asyncFetch", "bucketInfo", "cname", "comp", "cors", "delete", "encryption", "img", "inventory", "inventoryId",
		"lifecycle", "live", "location", "logging", "metaQuery", "objectMeta", "partNumber", "policy", "qos", "qosInfo", "referer",
		"replication", "replicationLocation", "replicationProgress", "requestPayment", "resourceGroup", "restore", "rtc", "stat", "style",
		"styleName", "symlink", "tagging", "transferAcceleration", "udf", "udfApplication", "udfApplicationLog", "udfId", "udfImage",
		"udfImageDesc", "udfName", "uploadId", "uploads", "versioning", "versions", "vod", "website", "worm", "wormExtend", "wormId",
		"startTime", "endTime", "status",
		"accessPoint", "accessPointConfigForObjectProcess", "accessPointForObjectProcess", "accessPointPolicy", "accessPointPolicyForObjectProcess",
		"bucketArchiveDirectRead", "cleanRestoredObject", "cloudboxes", "httpsConfig", "legalHold", "metadataConfiguration",
		"metadataInventoryTable", "metadataJournalTable", "objectWorm", "overwriteConfig", "policyStatus", "publicAccessBlock", "quota",
		"redundancyTransition", "regionList", "regions", "retention", "seal", "userDefinedLogFieldsConfig", processing, asyncProcessing:
		return true
	}
	return false
}
