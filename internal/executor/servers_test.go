package executor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// servers lists what the sender may see, and nothing else.
func TestServersAreThoseThatTheSenderMaySee(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	names := func(ans executor.Answer) []string {
		var out []string
		for _, s := range ans.Servers {
			out = append(out, s.Name+"="+s.String())
		}
		return out
	}
	for who, want := range map[string][]string{
		"mei": {"test=cn-hangzhou/vss-test", "office=cn-hangzhou/vss-office"},
		"eve": {"test=cn-hangzhou/vss-test"},
	} {
		for _, line := range []string{"servers", "list", "服务端"} {
			if ans := r.says(who, line); ans.Outcome != executor.Shown || !slices.Equal(names(ans), want) {
				t.Errorf("%s: %s shows %q, want %q", who, line, names(ans), want)
			}
		}
	}
	r.refused("mallory", "servers", executor.Forbidden, policy.RuleUnknownAccount)
	r.policy = ""
	if ans := r.says("mei", "servers"); ans.Outcome != executor.Shown || len(ans.Servers) != 0 {
		t.Errorf("without a policy it shows %+v", ans)
	}
	for _, prefix := range []string{"queue/", "wake/", "lanes/", "results/"} {
		r.count(prefix, 0)
	}
}

// servers shows what each server does now, and says what it could not find out.
func TestServersShowWhatTheyDo(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	if err := r.VPC.Busy("vpn-of-vss-office", time.Minute); err != nil {
		t.Fatal(err)
	}
	ans := r.says("mei", "servers")
	test, office := ans.Servers[0].State, ans.Servers[1].State
	if test == nil || office == nil || test.Gateway != sslvpn.GatewayActive || office.Gateway != sslvpn.GatewayUpdating || test.MaxConnections == 0 || test.Unknown != "" {
		t.Errorf("test is %+v, office %+v", test, office)
	}
	r.policy += "  # more\n"
	var more strings.Builder
	for i := range executor.MaxStates + 5 {
		fmt.Fprintf(&more, "  - {name: s%d, RegionId: cn-hangzhou, SslVpnServerId: vss-none%d}\n", i, i)
	}
	r.policy = strings.Replace(r.policy, "grants:\n", more.String()+"grants:\n", 1)
	ans = r.says("mei", "servers")
	read := 0
	for _, s := range ans.Servers {
		if s.State != nil {
			read++
		}
		if s.State != nil && strings.HasPrefix(s.Name, "s") && (s.State.Unknown != impact.Failed || s.State.Gateway != "") {
			t.Errorf("%s, which does not exist, is %+v", s.Name, s.State)
		}
	}
	if read != executor.MaxStates || len(ans.Servers) != executor.MaxStates+7 {
		t.Errorf("%d of %d servers were read", read, len(ans.Servers))
	}
}

// The id of another resource is recognized. Of a gateway, the answer names the servers
// that the sender may see.
func TestAnIDOfAnotherResource(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	for _, line := range []string{"plan vpn-of-vss-test port=1195", "apply VPN-of-vss-test port=1195", "status vpn-of-vss-test", "history cn-hangzhou/vpn-of-vss-test"} {
		ans := r.refused("mei", line, executor.NotFound, executor.RuleNotAServer)
		if p := ans.Problems[0]; !strings.Contains(p.Message, "(VPN gateway)") || p.Hint != "use its SSL-VPN server: test (vss-test)" {
			t.Errorf("%s: %+v", line, p)
		}
	}
	// eve may not see office.
	if p := r.refused("eve", "plan vpn-of-vss-office port=1195", executor.NotFound, executor.RuleNotAServer).Problems[0]; strings.Contains(p.Hint, "vss-office") || strings.Contains(p.Hint, "(") {
		t.Errorf("eve is shown %+v", p)
	}
	r.refused("mei", "plan vpn-bp1unknown port=1195", executor.NotFound, executor.RuleNotAServer)
	for id, kind := range map[string]string{
		"vsc-m5eub1rub7zbh2vqotj3a": "SSL client certificate", "vco-bp10lz7aejumd1l0k": "IPsec connection", "vpc-bp1m3i0kn1nd4wiw9": "VPC",
		"i-bp67acfmxazb4p": "ECS instance", "vsw-bp1s5fnvk4gn2tws0": "vSwitch", "cgw-bp1mvj4g9kogwwcxk": "customer gateway",
	} {
		p := r.refused("mei", "apply "+id+" port=1195", executor.NotFound, executor.RuleNotAServer).Problems[0]
		if !strings.Contains(p.Message, id) || !strings.Contains(p.Message, kind) || !strings.Contains(p.Hint, "vss-") {
			t.Errorf("%s: %+v", id, p)
		}
	}
	for _, name := range []string{"i-am", "vpc-office", "nowhere"} { // may be a name
		r.refused("mei", "plan "+name+" port=1195", executor.NotFound, executor.RuleUnknownServer)
	}
	if p := r.refused("eve", "plan nowhere port=1195", executor.NotFound, executor.RuleUnknownServer).Problems[0]; strings.Contains(p.Hint, "office") {
		t.Errorf("eve is shown %+v", p)
	}
	r.down()
	r.refused("mei", "plan vpn-of-vss-test port=1195", executor.NotFound, executor.RuleNotAServer)
}
