package localcloud_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/ram"
)

func TestTheFunctionHasTheRightsOfItsRole(t *testing.T) {
	t.Parallel()
	c := start(t, nil)
	const bucket = "acs:oss:*:1234567890123456:sslvpn-changes"
	for _, tt := range []struct {
		action, resource string
		want             bool
	}{
		{"oss:PutObject", bucket + "/queue/x", true},
		{"oss:PutObject", bucket + "/changes/x", false},
		{"oss:DeleteObject", bucket + "/results/x", false},
		{"oss:ListObjects", bucket, true},
		{"vpc:ModifySslVpnServer", "acs:vpc:cn-shanghai:1234567890123456:sslvpnserver/vss-x", true},
		{"vpc:DescribeSslVpnServers", "*", true},
		{"vpc:DescribeSslVpnClientCert", "*", false},
	} {
		if got := c.Role().Permits(tt.action, tt.resource); got != tt.want {
			t.Errorf("%s on %s: %t", tt.action, tt.resource, got)
		}
	}
	c.Role().Change(func([]ram.Statement) []ram.Statement { return nil })
	if c.Role().Permits("oss:ListObjects", bucket) {
		t.Error("a role without statements permits something")
	}
}
