package sslvpn

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// TestSignatureVector checks a request against a signature that was computed
// independently, from the vendor's description of version 3.
func TestSignatureVector(t *testing.T) {
	t.Parallel()
	c, err := New(Config{
		Endpoint: "http://127.0.0.1:39471",
		Now:      func() time.Time { return time.Date(2026, 11, 22, 20, 45, 49, 0, time.UTC) },
		Nonce:    func() string { return "b78ddf6e5147b94e395a735a1945b1a2" },
	})
	if err != nil {
		t.Fatal(err)
	}
	req := c.With(Credentials{AccessKeyID: "testid", AccessKeySecret: secret.New("testsecret")}, nil).newRequest(t.Context(), request{
		action: modifyServer, region: "cn-hangzhou", params: []param{
			{"SslVpnServerId", "vss-bp18q7hzj6largv4vk2fe"},
			{"ClientToken", "02fb3da4-130e-11e9-8e44-0016e04115b"},
			{string(change.Name), "test name*~"},
			{string(change.Port), "1194"},
			{string(change.ClientIPPool), "10.30.30.0/24"},
			{string(change.LocalSubnet), "10.20.20.0/24,10.21.0.0/16"},
		},
	})
	want := "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;" +
		"x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=baf056c7486fae6d1fd36bcc1fd511776cd8aab13370f551d1746da771220d4f"
	if got := req.Header.Get("Authorization"); got != want {
		t.Errorf("Authorization =\n%s\nwant\n%s", got, want)
	}
	if got := req.Header.Get("Idempotency-Key") + req.Header.Get("X-Idempotency-Key"); got != "" || req.Method != http.MethodPost {
		t.Errorf("%s with idempotency key %q: net/http would repeat it with the same nonce", req.Method, got)
	}
	if !strings.Contains(req.URL.RawQuery, "Name=test%20name%2A~") {
		t.Errorf("query = %s, want blanks as %%20", req.URL.RawQuery)
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	tests := []struct{ region, want string }{
		{"cn-hangzhou", "https://vpc.aliyuncs.com/"},
		{"cn-shanghai-finance-1", "https://vpc.aliyuncs.com/"},
		{"cn-beijing", "https://vpc.cn-beijing.aliyuncs.com/"},
		{"eu-central-1", "https://vpc.eu-central-1.aliyuncs.com/"},
		{"xx-new-9", "https://vpc.xx-new-9.aliyuncs.com/"},
	}
	for _, tt := range tests {
		if got := regionEndpoint(tt.region).String(); got != tt.want {
			t.Errorf("regionEndpoint(%s) = %s, want %s", tt.region, got, tt.want)
		}
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code         string
		status       int
		read, modify Class
	}{
		// The table of ModifySslVpnServer's reference page.
		{"Forbbiden.SubUser", 403, ClassDenied, ClassDenied},
		{"Forbidden", 403, ClassDenied, ClassDenied},
		{"InvalidName", 400, ClassInvalid, ClassInvalid},
		{"VpnGateway.Configuring", 400, ClassBusy, ClassBusy},
		{"VpnGateway.FinancialLocked", 400, ClassLocked, ClassLocked},
		// Its siblings.
		{"Forbidden.SubUser", 403, ClassDenied, ClassDenied},
		{"Forbidden.RAM", 403, ClassDenied, ClassDenied},
		{"NoPermission", 403, ClassDenied, ClassDenied},
		{"InvalidSslVpnServerId.NotFound", 404, ClassInvalid, ClassInvalid},
		{"InvalidRegionId.NotFound", 404, ClassInvalid, ClassInvalid},
		{"InvalidVpnGatewayInstanceId.NotFound", 404, ClassInvalid, ClassInvalid},
		{"Resource.QuotaFull", 400, ClassOther, ClassOther},
		{"QuotaExceeded.VpnRouteEntry", 400, ClassOther, ClassOther},
		{"IllegalParam.LocalSubnet", 400, ClassInvalid, ClassInvalid},
		{"VpnGateway.SslVpnDisabled", 400, ClassOther, ClassOther},
		{"DryRunOperation", 400, ClassOther, ClassOther},
		{"VpnTask.CONFLICT", 400, ClassBusy, ClassBusy},
		{"TaskConflict", 400, ClassBusy, ClassBusy},
		{"VpnConnection.Configuring", 400, ClassBusy, ClassBusy},
		{"VpnRouteEntry.Configuring", 400, ClassBusy, ClassBusy},
		{"Appliance.Configuring", 400, ClassBusy, ClassBusy},
		{"OperationConflict", 409, ClassBusy, ClassBusy},
		{"LastTokenProcessing", 400, ClassBusy, ClassBusy},
		{"OperationFailed.LastTokenProcessing", 400, ClassBusy, ClassBusy},
		{"IncorrectStatus", 400, ClassBusy, ClassBusy},
		{"SystemBusy", 400, ClassUnavailable, ClassBusy},
		{"SystemBusy", 503, ClassUnavailable, ClassUnknown},
		{"UnknownError", 400, ClassUnavailable, ClassBusy},
		{"UnknownError", 500, ClassUnavailable, ClassUnknown},
		{"IdempotentParameterMismatch", 400, ClassInvalid, ClassInvalid},
		// The gateway in front of every API.
		{"InvalidApi.NotFound", 404, ClassInvalid, ClassInvalid},
		{"InvalidProduct.NotFound", 404, ClassInvalid, ClassInvalid},
		{"InvalidProtocol.NeedSsl", 404, ClassInvalid, ClassInvalid},
		{"InvalidAccessKeyId.NotFound", 404, ClassCredentials, ClassCredentials},
		{"InvalidAccessKeyId.Inactive", 400, ClassCredentials, ClassCredentials},
		{"InvalidSecurityToken.Expired", 400, ClassCredentials, ClassCredentials},
		{"InvalidSecurityToken.Malformed", 400, ClassCredentials, ClassCredentials},
		{"MissingSecurityToken", 400, ClassCredentials, ClassCredentials},
		{"MissingRegionId", 400, ClassInvalid, ClassInvalid},
		{"InvalidPort", 400, ClassInvalid, ClassInvalid},
		{"InvalidTimeStamp.Format", 400, ClassInvalid, ClassInvalid},
		{"InvalidTimeStamp.Expired", 400, ClassUnavailable, ClassUnavailable},
		{"SignatureNonceUsed", 400, ClassUnavailable, ClassUnknown},
		{"InvalidSignatureMethod", 400, ClassInvalid, ClassInvalid},
		{"SignatureDoesNotMatch", 400, ClassOther, ClassOther},
		{"IncompleteSignature", 400, ClassOther, ClassOther},
		{"Throttling", 400, ClassThrottled, ClassThrottled},
		{"Throttling.User", 400, ClassThrottled, ClassThrottled},
		{"Throttling.Api", 503, ClassThrottled, ClassThrottled},
		{"Rejected.Throttling", 400, ClassThrottled, ClassThrottled},
		{"InternalError", 500, ClassUnavailable, ClassUnknown},
		{"InternalServerError", 500, ClassUnavailable, ClassUnknown},
		{"ServiceUnavailable", 503, ClassUnavailable, ClassUnknown},
		{"ServiceUnavailable", 400, ClassUnavailable, ClassBusy},
		// A definite code counts more than the status it came with.
		{"VpnGateway.Configuring", 503, ClassBusy, ClassBusy},
		{"InvalidName", 500, ClassInvalid, ClassInvalid},
		// No code of the API.
		{"", 429, ClassThrottled, ClassThrottled},
		{"", 500, ClassUnavailable, ClassUnknown},
		{"", 504, ClassUnavailable, ClassUnknown},
		{"502", 502, ClassUnavailable, ClassUnknown},
		{"", 302, ClassUnavailable, ClassUnknown},
		{"", 403, ClassOther, ClassOther},
		{"", 404, ClassOther, ClassOther},
		{"SomethingNew", 400, ClassOther, ClassOther},
	}
	for _, tt := range tests {
		if got := classify(describeGateway, tt.code, "", tt.status); got != tt.read {
			t.Errorf("read: %d %q is %s, want %s", tt.status, tt.code, got, tt.read)
		}
		if got := classify(modifyServer, tt.code, "", tt.status); got != tt.modify {
			t.Errorf("modify: %d %q is %s, want %s", tt.status, tt.code, got, tt.modify)
		}
	}
}
