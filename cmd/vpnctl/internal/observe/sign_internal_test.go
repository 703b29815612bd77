package observe

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
)

// TestSignaturesAreThoseOfTheVendor compares with signatures that the signer of the vendor's
// Go SDK has made for the same requests.
func TestSignaturesAreThoseOfTheVendor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, url, body, region, token, want string }{
		{
			http.MethodPut, "https://sslvpn-change-1.cn-hangzhou.log.aliyuncs.com/jobs/a%20b?action=enable&empty=&size=10+1", `{"name":"example"}`, "cn-hangzhou", "example-token",
			"0c532e412902535c3b1c9fe432979c35640cd602952dd88ead391afdf2f670d5",
		},
		{
			http.MethodGet, "https://p.cn-shanghai.log.aliyuncs.com/logstores/fc-logs/index", "", "cn-shanghai", "",
			"07b3929b9e784c92de418b8e9422cb4d0ea7d2b9cbd1cd39d423eda4f5a14d5d",
		},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, c.url, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("User-Agent", "is not signed")
		key := signature.Key{ID: "LTAI-example", Secret: secret.New("example-secret"), Token: secret.New(c.token)}
		sign(req, []byte(c.body), key, c.region, time.Date(2026, 11, 28, 5, 30, 0, 0, time.UTC))
		want := "SLS4-HMAC-SHA256 Credential=LTAI-example/20261128/" + c.region + "/sls/aliyun_v4_request,Signature=" + c.want
		if got := req.Header.Get("Authorization"); got != want {
			t.Errorf("%s %s is signed\n%s\nwant\n%s", c.method, c.url, got, want)
		}
	}
}
