package oss_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/blob/oss"
	cloud "github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// foreign is a store whose endpoint is not OSS.
func foreign(t *testing.T, h http.Handler) *oss.Store {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	connector, err := oss.NewConnector(oss.Config{Region: "cn-hangzhou", Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connector.Close)
	s, err := connector.Bucket(testBucket, testCredentials())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ region, endpoint, problem string }{
		{region: "cn-hangzhou"},
		{region: "ap-southeast-1", endpoint: "https://oss-ap-southeast-1.aliyuncs.com"},
		{region: "cn-hangzhou", endpoint: "http://127.0.0.1:9001"},
		{region: "cn-hangzhou", endpoint: "http://localhost:9001/"},
		{region: "cn-hangzhou", endpoint: "http://[::1]:9001"},
		{region: "", problem: "region"},
		{region: "oss-cn-hangzhou", problem: "leave out the prefix oss-"},
		{region: "cn hangzhou", problem: "region"},
		{region: "cn-", problem: "region"},
		{region: "1n-hangzhou", problem: "region"},
		{region: "cn-Hangzhou", problem: "region"},
		{region: "cn-hangzhou", endpoint: "oss-cn-hangzhou.aliyuncs.com", problem: "give a URL such as"},
		{region: "cn-hangzhou", endpoint: "http://oss-cn-hangzhou.aliyuncs.com", problem: "use \"https://"},
		{region: "cn-hangzhou", endpoint: "http://127.0.0.1.example.com", problem: "use \"https://"},
		{region: "cn-hangzhou", endpoint: "https://user:secret@host", problem: "has a user name"},
		{region: "cn-hangzhou", endpoint: "https://host/path", problem: "scheme and host only"},
		{region: "cn-hangzhou", endpoint: "https://host:port:port", problem: "give a URL such as"},
	} {
		t.Run(c.region+" "+c.endpoint, func(t *testing.T) {
			t.Parallel()
			_, err := oss.NewConnector(oss.Config{Region: c.region, Endpoint: c.endpoint})
			switch {
			case c.problem == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)):
				t.Errorf("got %v, want %q", err, c.problem)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}

func TestCredentialsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	c := oss.Credentials{AccessKeyID: "STS.id", AccessKeySecret: secret.New("hidden-1"), SecurityToken: secret.New("hidden-2")}
	text, err := json.Marshal(map[string]any{"c": c, "p": &c})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "c", c, "p", &c)
	for _, s := range []string{
		string(text), log.String(), fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s", c, c, c, c), fmt.Sprintf("%+v %#v", &c, &c),
	} {
		if strings.Contains(s, "hidden") || !strings.Contains(s, "STS.id") {
			t.Errorf("got %s", s)
		}
	}
}

func TestErrorsAreClassifiedAndHoldNoSecret(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	good := testCredentials()
	for _, c := range []struct {
		name   string
		bucket string
		creds  oss.Credentials
		kind   error
		code   string
		text   string
	}{
		{"an unknown key", testBucket, oss.Credentials{AccessKeyID: "nobody", AccessKeySecret: secret.New("s")}, blob.ErrCredentials, "InvalidAccessKeyId", ""},
		{"a wrong secret", testBucket, oss.Credentials{AccessKeyID: good.AccessKeyID, AccessKeySecret: secret.New("wrong"), SecurityToken: good.SecurityToken}, blob.ErrMisconfigured, "SignatureDoesNotMatch", ""},
		{"a stale token", testBucket, oss.Credentials{AccessKeyID: good.AccessKeyID, AccessKeySecret: good.AccessKeySecret, SecurityToken: secret.New("stale")}, blob.ErrCredentials, "InvalidSecurityToken", "role"},
		{"no such bucket", "no-such-bucket", good, blob.ErrMisconfigured, "NoSuchBucket", "create the bucket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := r.open(t, c.bucket, c.creds)
			err := s.Preflight(t.Context())
			var e *blob.Error
			if !errors.As(err, &e) || !errors.Is(err, c.kind) || e.Code != c.code || e.RequestID == "" || e.Status < 400 {
				t.Fatalf("preflight: got %#v, want %v %s", e, c.kind, c.code)
			}
			if !strings.Contains(err.Error(), c.text) {
				t.Errorf("preflight: got %v, want a text with %q", err, c.text)
			}
			if err := s.Create(t.Context(), "k", nil); !errors.Is(err, c.kind) {
				t.Errorf("create: got %v, want %v", err, c.kind)
			}
			for _, secret := range []string{"not-a-secret", "wrong", "stale", "token=", "Signature=", "aliyun_v4"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error holds %q: %v", secret, err)
				}
			}
		})
	}
}

func TestBucketWantsCredentialsAndAName(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	if _, err := r.connector.Bucket(testBucket, oss.Credentials{}); err == nil || !strings.Contains(err.Error(), "role") {
		t.Errorf("without credentials: got %v", err)
	}
	if _, err := r.connector.Bucket("No_Bucket", testCredentials()); err == nil || !strings.Contains(err.Error(), "lowercase") {
		t.Errorf("with a bad name: got %v", err)
	}
}

func TestPreflightAcceptsOnlyABucketThatNeverHadVersioning(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	if err := r.store.Preflight(t.Context()); err != nil {
		t.Fatalf("without versioning: %v", err)
	}
	for _, status := range []string{"Enabled", "Suspended"} {
		if err := r.SetVersioning(testBucket, status); err != nil {
			t.Fatal(err)
		}
		err := r.store.Preflight(t.Context())
		if !errors.Is(err, blob.ErrMisconfigured) || !strings.Contains(err.Error(), "versioning is "+status) || !strings.Contains(err.Error(), "new bucket") {
			t.Errorf("%s: got %v", status, err)
		}
	}
	r.inject(t, cloud.Fault{Kind: cloud.AccessDenied})
	err := r.store.Preflight(t.Context())
	if !errors.Is(err, blob.ErrDenied) || !strings.Contains(err.Error(), "oss:GetBucketVersioning") {
		t.Errorf("denied: got %v", err)
	}
}

func TestListRefusesWhatOSSWould(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	for _, opts := range []blob.ListOptions{{Max: 1001}, {Max: -1}} {
		if _, err := r.store.List(t.Context(), opts); !errors.Is(err, blob.ErrRefused) {
			t.Errorf("%+v: got %v, want %v", opts, err, blob.ErrRefused)
		}
	}
}

func TestDeleteSplitsLargeBatches(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	keys := make([]string, 2001)
	for i := range keys {
		keys[i] = fmt.Sprintf("k%04d", i)
	}
	for _, i := range []int{0, 999, 1000, 2000} {
		if err := r.store.Put(t.Context(), keys[i], nil); err != nil {
			t.Fatal(err)
		}
	}
	before := r.store.Requests()
	if err := r.store.Delete(t.Context(), keys...); err != nil {
		t.Fatal(err)
	}
	if n := r.store.Requests() - before; n != 3 {
		t.Errorf("got %d requests, want 3", n)
	}
	if page, err := r.store.List(t.Context(), blob.ListOptions{}); err != nil || len(page.Entries) != 0 {
		t.Errorf("left: got %v, %v", page.Entries, err)
	}
}
