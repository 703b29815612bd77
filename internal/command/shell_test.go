package command_test

import (
	"errors"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
)

func TestWordsOfAShellStayWhole(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{[]string{"status"}, "status"},
		{[]string{"apply", "vss-1", "port=1195", "reason=close 1194, now"}, `apply vss-1 port=1195 reason="close 1194, now"`},
		{[]string{"apply", "vss-1", "Port=1195", `reason=say "hi" to 'them' port=1`}, `apply vss-1 port=1195 reason="say "'"'"hi"'"'" to 'them' port=1"`},
		{[]string{"apply", "vss-1", "LocalSubnet=10.0.0.0/8,172.16.0.0/12", "--dry-run"}, "apply vss-1 local_subnet=10.0.0.0/8,172.16.0.0/12 --dry-run"},
		{[]string{"变更", "研发", "端口＝１１９５", "原因=停用、关闭"}, `apply 研发 port=1195 reason="停用、关闭"`},
		{[]string{"plan", "cn-hangzhou/vss-1", "expect.port=1194", "proto=tcp"}, "plan cn-hangzhou/vss-1 proto=TCP expect.port=1194"},
		{[]string{"approve", "20261122-7f3akqxcd2", "K7M2Q4XA"}, "approve 20261122-7f3akqxcd2 k7m2q4xa"},
	} {
		got, err := command.ParseWords(tt.words)
		if err != nil || got.String() != tt.want {
			t.Errorf("%q is %q (%v), want %q", tt.words, got.String(), err, tt.want)
		}
	}
}

// No word is read as two.
func TestWordsOfAShellAreRefusedAsALineIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		words []string
		rule  command.Rule
	}{
		{nil, command.RuleEmpty},
		{[]string{"status", "vss-1 region=cn-beijing"}, command.RuleBadServer},
		{[]string{"status", ""}, command.RuleBadServer},
		{[]string{"cancel", "20261122-7f3akqxcd2 reason=x"}, command.RuleBadChange},
		{[]string{"apply", "vss-1", "port=1195 proto=TCP"}, command.RuleNotANumber},
		{[]string{"apply", "vss-1", "port proto=TCP"}, command.RuleUnexpectedWord},
		{[]string{"apply", "vss-1", "port="}, command.RuleMissingValue},
		{[]string{"apply", "vss-1", "prot=TCP"}, command.RuleUnknownKey},
		{[]string{"apply", "vss-1", "port=1195", "reason=a\nb"}, command.RuleLineBreak},
		{[]string{"apply vss-1 port=1195"}, command.RuleUnknownVerb},
	} {
		_, err := command.ParseWords(tt.words)
		if e, ok := errors.AsType[*command.Error](err); !ok || e.Rule != tt.rule {
			t.Errorf("%q: %v, want the rule %s", tt.words, err, tt.rule)
		}
	}
}
