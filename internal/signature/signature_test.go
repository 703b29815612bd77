package signature_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
)

// TestVectors checks requests against signatures that were computed
// independently: the first from the vendor's description of version 3, the second
// with the vendor's library (openapi-util v0.1.1, GetAuthorization).
func TestVectors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		request signature.Request
		key     signature.Key
		want    string
	}{
		{
			name: "parameters in the query, a permanent key",
			request: signature.Request{
				Method: http.MethodPost, Host: "127.0.0.1:39471", Path: "/",
				Query: "ClientIpPool=10.30.30.0%2F24&ClientToken=02fb3da4-130e-11e9-8e44-0016e04115b&LocalSubnet=10.20.20.0%2F24%2C10.21.0.0%2F16" +
					"&Name=test%20name%2A~&Port=1194&RegionId=cn-hangzhou&SslVpnServerId=vss-bp18q7hzj6largv4vk2fe",
				Action: "ModifySslVpnServer", Version: "2016-04-28",
				Date: time.Date(2026, 11, 22, 20, 45, 49, 0, time.UTC), Nonce: "b78ddf6e5147b94e395a735a1945b1a2",
			},
			key: signature.Key{ID: "testid", Secret: secret.New("testsecret")},
			want: "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;" +
				"x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=baf056c7486fae6d1fd36bcc1fd511776cd8aab13370f551d1746da771220d4f",
		},
		{
			name: "a path and a body, a temporary key",
			request: signature.Request{
				Method: http.MethodPost, Host: "1234567890123456.cn-hangzhou-internal.fc.aliyuncs.com",
				Path: "/2023-03-30/functions/sslvpn-change/invocations", Query: "qualifier=LATEST",
				Action: "InvokeFunction", Version: "2023-03-30", ContentType: "application/octet-stream",
				Body:  []byte(`{"wake":{"at":"2026-11-28T14:00:00.25Z","lanes":[{"lane":"cn-hangzhou/vss-bp18q7hzj6largv4vk2fe","gen":12}]}}`),
				Date:  time.Date(2026, 11, 28, 21, 0, 0, 0, time.FixedZone("", 8*3600)),
				Nonce: "b78ddf6e5147b94e395a735a1945b1a2",
				Plain: []signature.Header{{Name: "X-Fc-Invocation-Type", Value: "Async"}},
			},
			key: signature.Key{ID: "testid", Secret: secret.New("testsecret"), Token: secret.New("testtoken")},
			want: "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;" +
				"x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version," +
				"Signature=6587da025b5ec207ab05d1ddde74855436f4485cffac6f58392c0e13d7ffc7a6",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := signature.Sign(tt.request, tt.key)
			if got := h.Get("Authorization"); got != tt.want {
				t.Errorf("Authorization =\n%s\nwant\n%s", got, tt.want)
			}
			if h.Get("Host") != "" || h.Get("X-Acs-Action") != tt.request.Action || h.Get("X-Acs-Security-Token") != tt.key.Token.Reveal() {
				t.Errorf("header = %v, want all that is signed except for the host", h)
			}
			for _, p := range tt.request.Plain {
				if h.Get(p.Name) != p.Value {
					t.Errorf("%s = %q, want %q", p.Name, h.Get(p.Name), p.Value)
				}
			}
		})
	}
}
