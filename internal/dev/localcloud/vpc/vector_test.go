package vpc_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// signedAt is the date of the vectors.
func signedAt() time.Time { return time.Date(2026, 11, 22, 20, 45, 49, 0, time.UTC) }

func vectorEmulator(t *testing.T) *vpc.Emulator {
	t.Helper()
	e := vpc.New(vpc.Options{
		Credentials: []vpc.Credential{{AccessKeyID: "testid", AccessKeySecret: "testsecret"}},
		Now:         signedAt,
	})
	addServer(t, e)
	return e
}

func addServer(t *testing.T, e *vpc.Emulator) {
	t.Helper()
	err := e.AddServer(vpc.Server{
		RegionID: "cn-hangzhou", ID: "vss-bp18q7hzj6largv4vk2fe", GatewayID: "vpn-bp1q8bgx4xnkm2ogj0fiu",
		Name: "test", ClientIPPool: "10.30.30.0/24", LocalSubnet: "10.20.20.0/24", Proto: "UDP",
	})
	if err != nil {
		t.Fatal(err)
	}
}

const (
	v1Query = "AccessKeyId=testid&Action=ModifySslVpnServer&ClientIpPool=10.30.30.0%2F24&ClientToken=02fb3da4-130e-11e9-8e44-0016e04115b" +
		"&Format=JSON&LocalSubnet=10.20.20.0%2F24%2C10.21.0.0%2F16&Name=test+name%2A~&Port=1194&RegionId=cn-hangzhou&SignatureMethod=HMAC-SHA1" +
		"&SignatureNonce=ddd0cebf4e7a0447e89369ad44e0134b&SignatureType=&SignatureVersion=1.0&SslVpnServerId=vss-bp18q7hzj6largv4vk2fe" +
		"&Timestamp=2026-11-22T20%3A45%3A49Z&Version=2016-04-28"
	v1Signature = "kV4ts3MaCMjZvpo0xcNHtPpuCFk="
	v3Query     = "ClientIpPool=10.30.30.0%2F24&ClientToken=02fb3da4-130e-11e9-8e44-0016e04115b&LocalSubnet=10.20.20.0%2F24%2C10.21.0.0%2F16" +
		"&Name=test+name%2A~&Port=1194&RegionId=cn-hangzhou&SslVpnServerId=vss-bp18q7hzj6largv4vk2fe"
	v3Signature = "baf056c7486fae6d1fd36bcc1fd511776cd8aab13370f551d1746da771220d4f"
	empty       = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

func v1Request(signature string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/?"+v1Query+"&Signature="+strings.NewReplacer("=", "%3D", "+", "%2B", "/", "%2F").Replace(signature), http.NoBody)
}

func v3Request(signature string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/?"+v3Query, http.NoBody)
	r.Host = "127.0.0.1:39471"
	r.Header.Set("X-Acs-Action", "ModifySslVpnServer")
	r.Header.Set("X-Acs-Content-Sha256", empty)
	r.Header.Set("X-Acs-Credentials-Provider", "static_ak")
	r.Header.Set("X-Acs-Date", "2026-11-22T20:45:49Z")
	r.Header.Set("X-Acs-Signature-Nonce", "b78ddf6e5147b94e395a735a1945b1a2")
	r.Header.Set("X-Acs-Version", "2016-04-28")
	r.Header.Set("Authorization", "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"+
		"x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature="+signature)
	return r
}

// answer serves one request and returns status and body.
func answer(e *vpc.Emulator, r *http.Request) (int, string) {
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	body, _ := io.ReadAll(w.Body)
	return w.Code, string(body)
}

func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		request *http.Request
		status  int
		want    string // in the answer
	}{
		{"version 1", v1Request(v1Signature), 200, `"Name":"test name*~"`},
		{"version 1, wrong signature", v1Request("aV4ts3MaCMjZvpo0xcNHtPpuCFk="), 400, "is:POST&%2F&AccessKeyId%3Dtestid%26Action"},
		{"version 1, no signature", httptest.NewRequest(http.MethodPost, "/?"+v1Query, http.NoBody), 400, `"IncompleteSignature"`},
		{"version 1, another method", httptest.NewRequest(http.MethodGet, "/?"+v1Query+"&Signature=kV4ts3MaCMjZvpo0xcNHtPpuCFk%3D", http.NoBody), 400, `"SignatureDoesNotMatch"`},
		{"version 3", v3Request(v3Signature), 200, `"Name":"test name*~"`},
		{"version 3, wrong signature", v3Request(strings.Repeat("0", 64)), 400, `"SignatureDoesNotMatch"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, body := answer(vectorEmulator(t), tt.request)
			if status != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("answer = %d %s, want %d with %s", status, body, tt.status, tt.want)
			}
		})
	}
}

func TestVersion1InAForm(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(v1Query+"&Signature=kV4ts3MaCMjZvpo0xcNHtPpuCFk%3D"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, body := answer(vectorEmulator(t), r); status != 200 {
		t.Errorf("answer = %d %s, want 200", status, body)
	}
}

func TestAHeaderThatIsNotSignedIsRefused(t *testing.T) {
	t.Parallel()
	r := v3Request(v3Signature)
	r.Header.Set("X-Acs-Security-Token", "smuggled")
	e := vectorEmulator(t)
	e.Accept(vpc.Credential{AccessKeyID: "testid", AccessKeySecret: "testsecret", SecurityToken: "smuggled"})
	if status, body := answer(e, r); status != 400 || !strings.Contains(body, `"IncompleteSignature"`) {
		t.Errorf("answer = %d %s, want IncompleteSignature", status, body)
	}
}

func TestANonceServesOnce(t *testing.T) {
	t.Parallel()
	e := vectorEmulator(t)
	if status, body := answer(e, v3Request(v3Signature)); status != 200 {
		t.Fatalf("first = %d %s", status, body)
	}
	if status, body := answer(e, v3Request(v3Signature)); status != 400 || !strings.Contains(body, `"SignatureNonceUsed"`) {
		t.Errorf("second = %d %s, want SignatureNonceUsed", status, body)
	}
}

func TestTheFrontDoor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		opts  vpc.Options
		alter func(*http.Request)
		want  string
	}{
		{"a key that nobody knows", vpc.Options{}, nil, "InvalidAccessKeyId.NotFound"},
		{"a token that is missing", sts("T", time.Time{}, 0), nil, "MissingSecurityToken"},
		{"a token of somebody else", sts("T", time.Time{}, 0), token("other"), "InvalidSecurityToken.MismatchWithAccessKey"},
		{"a token that has expired", sts("T", signedAt().Add(-time.Second), 0), token("T"), "InvalidSecurityToken.Expired"},
		{"a date 16 minutes ago", sts("", time.Time{}, 16*time.Minute), nil, "InvalidTimeStamp.Expired"},
		{"a date 16 minutes ahead", sts("", time.Time{}, -16*time.Minute), nil, "InvalidTimeStamp.Expired"},
		{"a date in another form", sts("", time.Time{}, 0), header("X-Acs-Date", "Sun, 22 Nov 2026"), "InvalidTimeStamp.Format"},
		{"no nonce", sts("", time.Time{}, 0), header("X-Acs-Signature-Nonce", ""), "MissingSignatureNonce"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := v3Request(v3Signature)
			if tt.alter != nil {
				tt.alter(r)
			}
			_, body := answer(vpc.New(tt.opts), r)
			if !strings.Contains(body, `"Code":"`+tt.want+`"`) {
				t.Errorf("answer = %s, want %s", body, tt.want)
			}
		})
	}
}

func sts(token string, expires time.Time, late time.Duration) vpc.Options {
	return vpc.Options{
		Credentials: []vpc.Credential{{AccessKeyID: "testid", AccessKeySecret: "testsecret", SecurityToken: token, Expires: expires}},
		Now:         func() time.Time { return signedAt().Add(late) },
	}
}

func token(v string) func(*http.Request) { return header("X-Acs-Security-Token", v) }

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}
