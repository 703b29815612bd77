package executor_test

import (
	"slices"
	"testing"

	"sslvpnchange/internal/executor"
	"sslvpnchange/internal/policy"
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
