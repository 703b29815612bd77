package oss_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

func TestSignedURLs(t *testing.T) {
	t.Parallel()
	for _, auth := range []sdk.AuthVersionType{sdk.AuthV1, sdk.AuthV4} {
		t.Run(string(auth), func(t *testing.T) {
			t.Parallel()
			var ahead atomic.Int64
			now := time.Now()
			r := newHarness(t, func(o *oss.Options) { o.Clock = func() time.Time { return now.Add(time.Duration(ahead.Load())) } })
			b := r.bucket(t, sdk.AuthVersion(auth))
			sign := func(method string, opts ...sdk.Option) string {
				t.Helper()
				u, err := b.SignURL("a/b+c.txt", sdk.HTTPMethod(method), 60, opts...)
				if err != nil {
					t.Fatal(err)
				}
				return u
			}
			to := request(t, "PUT", sign("PUT", sdk.ContentType("text/plain")), "hello")
			to.Header.Set("Content-Type", "text/plain")
			if status, _, body := send(t, to); status != http.StatusOK {
				t.Fatalf("PUT: %d %s", status, body)
			}
			if status, h, body := send(t, request(t, "GET", sign("GET"), "")); status != http.StatusOK || body != "hello" || h.Get("Content-Type") != "text/plain" {
				t.Errorf("GET: %d %s", status, body)
			}
			download := sign("GET", sdk.ResponseContentDisposition("attachment"))
			if status, h, body := send(t, request(t, "GET", download, "")); status != http.StatusOK || h.Get("Content-Disposition") != "attachment" {
				t.Errorf("GET with a header: %d %s", status, body)
			}
			refused := map[string]*http.Request{
				"another method":  request(t, "DELETE", sign("GET"), ""),
				"another key":     request(t, "GET", strings.Replace(sign("GET"), "b%2Bc", "other", 1), ""),
				"another header":  request(t, "GET", strings.Replace(download, "=attachment", "=inline", 1), ""),
				"a later end":     request(t, "GET", stretched(t, sign("GET")), ""),
				"another type":    request(t, "PUT", sign("PUT", sdk.ContentType("text/plain")), "x"),
				"another subject": request(t, "GET", sign("GET")+"&tagging", ""),
			}
			for name, q := range refused {
				if status, _, body := send(t, q); status != http.StatusForbidden || !strings.Contains(body, "SignatureDoesNotMatch") {
					t.Errorf("%s: %d %s", name, status, body)
				}
			}
			both := request(t, "GET", sign("GET"), "")
			both.Header.Set("Authorization", "OSS id:signature")
			if status, _, body := send(t, both); status != http.StatusBadRequest || !strings.Contains(body, "InvalidArgument") {
				t.Errorf("two signatures: %d %s", status, body)
			}
			u := sign("GET")
			ahead.Store(int64(62 * time.Second))
			if status, _, body := send(t, request(t, "GET", u, "")); status != http.StatusForbidden || !strings.Contains(body, "Request has expired.") {
				t.Errorf("late: %d %s", status, body)
			}
		})
	}
}

// stretched makes a signed URL end later.
func stretched(t *testing.T, signed string) string {
	t.Helper()
	u, err := url.Parse(signed)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for _, name := range []string{"Expires", "x-oss-expires"} {
		if q.Has(name) {
			q.Set(name, q.Get(name)+"0")
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func TestMalformedSignedURLs(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	v4 := "x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=key-id%2F20261128%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=" +
		time.Now().UTC().Format("20060102T150405Z") + "&x-oss-signature=0"
	for query, want := range map[string]string{
		"OSSAccessKeyId=key-id":                                 "AccessDenied",
		"OSSAccessKeyId=key-id&Signature=x":                     "AccessDenied",
		"OSSAccessKeyId=key-id&Signature=x&Expires=x":           "AccessDenied",
		"OSSAccessKeyId=none&Signature=x&Expires=99999999999":   "InvalidAccessKeyId",
		"OSSAccessKeyId=key-id&Signature=x&Expires=99999999999": "SignatureDoesNotMatch",
		v4:                             "InvalidArgument",
		v4 + "&x-oss-expires=0":        "InvalidArgument",
		v4 + "&x-oss-expires=604801":   "InvalidArgument",
		v4 + "&x-oss-expires=60":       "SignatureDoesNotMatch",
		"x-oss-signature=0":            "AccessDenied",
		"x-oss-signature-version=OSS9": "InvalidArgument",
	} {
		if status, _, body := send(t, request(t, "GET", r.server.URL+"/"+bucketName+"/k?"+query, "")); !strings.Contains(body, "<Code>"+want+"</Code>") {
			t.Errorf("%s: %d %s, want %s", query, status, body, want)
		}
	}
	strict := newHarness(t, func(o *oss.Options) { o.RefuseV1 = true })
	if _, _, body := send(t, request(t, "GET", strict.server.URL+"/"+bucketName+"/k?OSSAccessKeyId=key-id&Signature=x&Expires=99999999999", "")); !strings.Contains(body, "0002-00000080") {
		t.Errorf("V1 in a URL: %s", body)
	}
}

// Clients in browsers and ali-oss send x-oss-date and no Date with V1.
func TestDateOfV1(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	put(t, r.bucket(t), "k", "x")
	now, old := time.Now().UTC().Format(http.TimeFormat), time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)
	for name, tt := range map[string]struct{ date, ossDate, code string }{
		"Date":                       {now, "", ""},
		"x-oss-date":                 {"", now, ""},
		"x-oss-date over an old one": {old, now, ""},
		"an old x-oss-date":          {now, old, "RequestTimeTooSkewed"},
		"an old Date":                {old, "", "RequestTimeTooSkewed"},
		"none":                       {"", "", "AccessDenied"},
		"rubble":                     {"", "yesterday", "AccessDenied"},
	} {
		q := request(t, "GET", r.server.URL+"/"+bucketName+"/k", "")
		signs, headers := tt.date, ""
		if tt.date != "" {
			q.Header.Set("Date", tt.date)
		}
		if tt.ossDate != "" {
			q.Header.Set("X-Oss-Date", tt.ossDate)
			signs, headers = tt.ossDate, "x-oss-date:"+tt.ossDate+"\n"
		}
		mac := hmac.New(sha1.New, []byte(keySecret))
		mac.Write([]byte("GET\n\n\n" + signs + "\n" + headers + "/" + bucketName + "/k"))
		q.Header.Set("Authorization", "OSS "+keyID+":"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		if status, _, body := send(t, q); (status == http.StatusOK) != (tt.code == "") || !strings.Contains(body, tt.code) {
			t.Errorf("%s: %d %s, want %q", name, status, body, tt.code)
		}
	}
}
