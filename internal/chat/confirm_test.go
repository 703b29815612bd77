package chat_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

func TestShown(t *testing.T) {
	t.Parallel()
	const answer = "⏳ waits `20261122-abc`\nport: `1194` → `1195`\n原因：`a b`。"
	for command, want := range map[string]bool{
		"help":                             true,
		"approve 20261122-abc":             true,
		"approve 20261122-abc k7m2q4xa":    true,
		"approve 20261122-abc k7m2q4x1":    false,
		"approve 20261122-abc k7m2q4xaa":   false,
		"approve 20261122-ab":              false,
		"apply 20261122-abc port=1195":     false,
		"apply 1195 1194":                  true,
		`apply 1195 reason="a b"`:          false,
		"approve 20261122-abc 20261122-ab": false,
	} {
		if got := chat.Shown(answer, command); got != want {
			t.Errorf("%s: got %v", command, got)
		}
	}
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("很", 400)
	for name, tt := range map[string]struct {
		next  chat.Next
		shown bool
		want  string
		ok    bool
	}{
		"nothing to ask":              {chat.Next{Command: "status x"}, true, "", true},
		"a command that is not shown": {chat.Next{Command: "apply x=1"}, false, "apply x=1", true},
		"a warning":                   {chat.Next{Command: "approve x", Warning: "12 people"}, true, "12 people", true},
		"a warning of two lines":      {chat.Next{Command: "approve x", Warning: "12\npeople\u202e"}, true, "12 people", true},
		"both":                        {chat.Next{Command: "apply x=1", Warning: "12 people"}, false, "12 people\n\napply x=1", true},
		"a long warning":              {chat.Next{Command: "x", Warning: long}, true, long[:3*299] + "…", true},
		"a long warning and both":     {chat.Next{Command: "apply x=1", Warning: long}, false, long[:3*288] + "…\n\napply x=1", true},
		"a long command":              {chat.Next{Command: long}, false, long, false},
		"no room for a warning":       {chat.Next{Command: long[:3*250], Warning: "12 people"}, false, "", false},
	} {
		if got, ok := chat.Question(tt.next, tt.shown, 300, chat.UTF16); got != tt.want || ok != tt.ok {
			t.Errorf("%s: got %q, %v", name, got, ok)
		}
	}
}

func TestMentioned(t *testing.T) {
	t.Parallel()
	got := chat.Mentioned([]string{"a", "!", "b", "a"}, func(s string) bool { return s != "!" })
	if strings.Join(got, " ") != "a b" {
		t.Errorf("got %q", got)
	}
}
