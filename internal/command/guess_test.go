package command_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// A guess beyond a typing error misleads. What people write to each other is no
// command, and gets no guess.
func TestNoGuessBeyondATypingError(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"please", "please restart vpn", "hello", "thanks", "reply", "project", "inject", "object", "improve", "supply", "channel", "dog", "let", "sat", "sit",
		"settings", "getting started", "showing", "planet", "blog", "logging", "shower", "reset", "setup", "logout", "statue", "canceled?!", "helper functions",
		"你好", "同学", "计算", "记得", "历来", "修改密码是什么", "列车", "服务", "服务员",
	} {
		_, err := command.Parse(line)
		if err == nil {
			t.Errorf("%s is a command", line)
			continue
		}
		if text := err.Error() + lineOf(t, line, lang.Chinese); strings.Contains(text, "nearest") || strings.Contains(text, "最接近") {
			switch line {
			case "statue", "helper functions": // one typing error
			default:
				t.Errorf("%s is answered with a guess: %s", line, text)
			}
		}
	}
	for line, want := range map[string]string{
		"aply vss-a port=1": "apply", "stauts": "status", "server": "servers", "histroy vss-a": "history", "rolback x": "rollback", "rollbcak x": "rollback",
		"planvss-bp18q7 port=1": "plan", "预览vss-bp18q7 port=1": "预览", "status20261122-7f3akqxcd2": "status", "set服务端 port=1": "set",
	} {
		if text := lineOf(t, line, lang.English); !strings.Contains(text, "The nearest is "+want) {
			t.Errorf("%s is answered with %s, want %s", line, text, want)
		}
	}
}

func lineOf(t *testing.T, line string, tag lang.Tag) string {
	t.Helper()
	return refusal(t, line).Text(tag)
}
