package vpc_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

func TestQuotasGoByActionAndRegion(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := newEmulator(t, c, vpc.Options{RateLimits: vpc.Quotas()})
	gateway := func(region string) (code, hint string) {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, c.signed("DescribeVpnGateway", "RegionId="+region+"&VpnGatewayId="+gatewayID))
		if !strings.Contains(w.Body.String(), "Throttling.User") {
			return "", ""
		}
		return "Throttling.User", w.Header().Get("X-Ratelimit-User-Api")
	}
	for n := range 600 {
		if code, _ := gateway("cn-hangzhou"); code != "" {
			t.Fatalf("call %d of a minute: %s", n+1, code)
		}
	}
	// Six hundred a minute are one in 100 ms.
	if code, hint := gateway("cn-hangzhou"); code == "" || !strings.HasSuffix(hint, "TimeLeft:100") {
		t.Errorf("call 601 of a minute: %q, %q", code, hint)
	}
	if code, _ := gateway("cn-shanghai"); code != "" {
		t.Errorf("another region: %s", code)
	}
	if got := modify(t, e, c, "Port=1195"); got != "" {
		t.Errorf("another action: %s", got)
	}
	c.advance(100 * time.Millisecond)
	if code, _ := gateway("cn-hangzhou"); code != "" {
		t.Errorf("as late as the hint says: %s", code)
	}
	if code, _ := gateway("cn-hangzhou"); code == "" {
		t.Error("two calls for one token")
	}
}

func TestExhaustedQuota(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)
	q := vpc.NewQuota(vpc.Quotas())
	q.Exhaust("cn-hangzhou", now)
	if wait, ok := q.Take("cn-hangzhou", vpc.ModifySslVpnServer, now); ok || wait != 500*time.Millisecond {
		t.Errorf("a call: %v, in %v", ok, wait)
	}
	if _, ok := q.Take("cn-shanghai", vpc.ModifySslVpnServer, now); !ok {
		t.Error("another region is exhausted too")
	}
	if _, ok := q.Take("cn-hangzhou", vpc.ModifySslVpnServer, now.Add(500*time.Millisecond)); !ok {
		t.Error("no call after half a second")
	}
}
