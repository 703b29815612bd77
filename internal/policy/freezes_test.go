package policy_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

func TestAFreezeMayEndAtASecond(t *testing.T) {
	t.Parallel()
	p, problems := policy.Parse([]byte(`
people: [{name: mei, accounts: [{door: slack, tenant: T1, user: mei}]}]
servers: [{name: test, RegionId: cn-hangzhou, SslVpnServerId: vss-test}]
grants: []
freezes: [{name: move, servers: [test], timeZone: Asia/Shanghai, from: 2026-11-10T00:00:30, until: 2026-11-10T08:00:07}]
`), document.YAML)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r := change.Request{Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-test"}, Patch: change.Patch{change.Port: change.Number(1)}}
	until := time.Date(2026, 11, 10, 0, 0, 7, 0, time.UTC)
	if v := p.Gate(r, until.Add(-time.Nanosecond)); v.Open || !v.Opens.Equal(until) || v.Freeze != "move" {
		t.Errorf("before the end: %+v", v)
	}
	if v := p.Gate(r, until); !v.Open {
		t.Errorf("at the end: %+v", v)
	}
	from := time.Date(2026, 11, 9, 16, 0, 30, 0, time.UTC)
	if v := p.Gate(r, from.Add(-time.Nanosecond)); !v.Open || !v.Closes.Equal(from) {
		t.Errorf("before the beginning: %+v", v)
	}
}
