package change_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Accounts are equal as their platforms compare them: see Principal.
func TestAttackTwoSpellingsOfOneAccount(t *testing.T) {
	t.Parallel()
	chat := func(platform, user string) change.Account {
		return change.Account{Channel: platform, Tenant: "t1", User: user}
	}
	for _, tt := range []struct {
		name string
		a, b change.Account
		same bool
	}{
		{"WeCom in two cases", chat("wecom", "LiSi"), chat("wecom", "lisi"), true},
		{"WeCom with a mark in two cases", chat("wecom", "Li.Si@A"), chat("wecom", "li.si@a"), true},
		{"WeCom of two corporations", chat("wecom", "lisi"), change.Account{Channel: "wecom", Tenant: "t2", User: "lisi"}, false},
		{"WeCom of corporations in two cases", chat("wecom", "lisi"), change.Account{Channel: "wecom", Tenant: "T1", User: "lisi"}, false},
		{"DingTalk in two cases", chat("dingtalk", "LiSi"), chat("dingtalk", "lisi"), false},
		{"Slack in two cases", chat("slack", "U1"), chat("slack", "u1"), false},
		{"Feishu in two cases", chat("feishu", "ou_A"), chat("feishu", "ou_a"), false},
		{"two platforms", chat("slack", "lisi"), chat("wecom", "lisi"), false},
		{"two sessions of a RAM role", change.Account{Channel: "file", User: "3001:alice"}, change.Account{Channel: "file", User: "3001:bob"}, true},
		{"a role and a session of it", change.Account{Channel: "file", User: "3001"}, change.Account{Channel: "file", User: "3001:bob"}, true},
		{"a session with colons", change.Account{Channel: "file", User: "3001:a:b"}, change.Account{Channel: "file", User: "3001:a:c"}, true},
		{"two RAM roles with one session", change.Account{Channel: "file", User: "3001:alice"}, change.Account{Channel: "file", User: "3002:alice"}, false},
		{"two senders", change.Account{Channel: "http", User: "bot"}, change.Account{Channel: "http", User: "Bot"}, false},
		{"two timers", change.Account{Channel: "timer", User: "a:b"}, change.Account{Channel: "timer", User: "a:c"}, false},
		{"nobody and nobody", change.Account{Channel: "file"}, change.Account{Channel: "file"}, false},
		{"nobody at all", change.Account{}, change.Account{}, false},
	} {
		if tt.a.Same(tt.b) != tt.same || tt.b.Same(tt.a) != tt.same {
			t.Errorf("%s: same %v", tt.name, !tt.same)
		}
	}
}
