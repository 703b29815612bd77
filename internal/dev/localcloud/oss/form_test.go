package oss_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// post sends a form with a file; fields come in pairs.
func post(t *testing.T, url, file string, fields ...string) (int, http.Header, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "hotel.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(file)) // into memory
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := request(t, "POST", url, body.String())
	r.Header.Set("Content-Type", w.FormDataContentType())
	return send(t, r)
}

func hmacOf(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// signedForm are the fields that sign a policy.
func signedForm(v4 bool, policy string) []string {
	p := base64.StdEncoding.EncodeToString([]byte(policy))
	if !v4 {
		m := hmac.New(sha1.New, []byte(keySecret))
		m.Write([]byte(p))
		return []string{"OSSAccessKeyId", keyID, "policy", p, "Signature", base64.StdEncoding.EncodeToString(m.Sum(nil))}
	}
	day := time.Now().UTC().Format("20060102")
	key := []byte("aliyun_v4" + keySecret)
	for _, part := range []string{day, "cn-hangzhou", "oss", "aliyun_v4_request"} {
		key = hmacOf(key, part)
	}
	return []string{
		"x-oss-signature-version", "OSS4-HMAC-SHA256", "x-oss-credential", keyID + "/" + day + "/cn-hangzhou/oss/aliyun_v4_request",
		"x-oss-date", day + "T000000Z", "policy", p, "x-oss-signature", hex.EncodeToString(hmacOf(key, p)),
	}
}

func policyOf(until time.Time, conditions string) string {
	return `{"expiration":"` + until.UTC().Format("2006-01-02T15:04:05.000Z") + `","conditions":[` + conditions + `]}`
}

func TestFormUploads(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(time.Hour)
	all := `{"bucket":"` + bucketName + `"},["starts-with","$key","changes/"],["content-length-range",1,10],["eq","$x-oss-meta-by","mei"],["in","$content-type",["text/yaml"]]`
	for _, v4 := range []bool{false, true} {
		r := newHarness(t)
		url := r.server.URL + "/" + bucketName + "/"
		sent := func(extra ...string) []string {
			return append(append([]string{"key", "changes/${filename}", "x-oss-meta-by", "mei", "Content-Type", "text/yaml"}, signedForm(v4, policyOf(later, all))...), extra...)
		}
		if status, h, body := post(t, url, "a: 1", sent()...); status != http.StatusNoContent || h.Get("ETag") == "" {
			t.Fatalf("%t: %d %s", v4, status, body)
		}
		if e := <-r.events; e.Name != oss.PostObjectEvent || e.Key != "changes/hotel.yaml" || e.Size != 4 {
			t.Errorf("the event is %+v", e)
		}
		b := r.bucket(t)
		if h := head(t, b, "changes/hotel.yaml"); h.Get("X-Oss-Meta-By") != "mei" || h.Get("Content-Type") != "text/yaml" || get(t, b, "changes/hotel.yaml") != "a: 1" {
			t.Errorf("the object has %v", h)
		}
		if status, _, body := post(t, url, "a: 2", sent("success_action_status", "201")...); status != http.StatusCreated || !strings.Contains(body, "<Key>changes/hotel.yaml</Key>") {
			t.Errorf("201: %d %s", status, body)
		}
		<-r.events
		for name, tt := range map[string]struct {
			file   string
			fields []string
			want   string
		}{
			"a create-only write":   {"x", sent("x-oss-forbid-overwrite", "true"), "409 FileAlreadyExists"},
			"a large file":          {"12345678901", sent(), "403 AccessDenied"},
			"another key":           {"x", append([]string{"key", "policy/policy.yaml", "x-oss-meta-by", "mei", "content-type", "text/yaml"}, signedForm(v4, policyOf(later, all))...), "403 AccessDenied"},
			"another author":        {"x", append([]string{"key", "changes/a", "x-oss-meta-by", "jun", "content-type", "text/yaml"}, signedForm(v4, policyOf(later, all))...), "403 AccessDenied"},
			"an expired policy":     {"x", append([]string{"key", "changes/a"}, signedForm(v4, policyOf(time.Now().Add(-time.Minute), `["starts-with","$key",""]`))...), "403 AccessDenied"},
			"no conditions":         {"x", append([]string{"key", "changes/a"}, signedForm(v4, policyOf(later, ""))...), "400 InvalidPolicyDocument"},
			"an unknown condition":  {"x", append([]string{"key", "changes/a"}, signedForm(v4, policyOf(later, `["like","$key","c"]`))...), "403 AccessDenied"},
			"no policy":             {"x", []string{"key", "changes/a"}, "403 AccessDenied"},
			"no key":                {"x", signedForm(v4, policyOf(later, all)), "400 InvalidArgument"},
			"a key that is no name": {"x", append([]string{"key", "/a"}, signedForm(v4, policyOf(later, `["starts-with","$key",""]`))...), "400 InvalidObjectName"},
			"another signature":     {"x", append(sent(), "Signature", "AAAA", "x-oss-signature", "00"), "403 SignatureDoesNotMatch"},
		} {
			status, _, body := post(t, url, tt.file, tt.fields...)
			wantStatus, code, _ := strings.Cut(tt.want, " ")
			if strconv.Itoa(status) != wantStatus || !strings.Contains(body, "<Code>"+code+"</Code>") {
				t.Errorf("%s, %t: %d %s, want %s", name, v4, status, body, tt.want)
			}
		}
		if len(r.events) != 0 {
			t.Error("a refused form fired an event")
		}
	}
	bare := request(t, "POST", newHarness(t).server.URL+"/"+bucketName+"/", "rubble")
	bare.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if status, _, body := send(t, bare); status != http.StatusBadRequest || !strings.Contains(body, "MalformedPOSTRequest") && !strings.Contains(body, "IncorrectNumberOfFiles") {
		t.Errorf("rubble: %d %s", status, body)
	}
}
