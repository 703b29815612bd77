package chat_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// People copy a command from the end of its line, so that nothing may follow it.
func TestTheCommandEndsItsLine(t *testing.T) {
	t.Parallel()
	n := chat.Next{Label: "批准", Command: "approve 20261122-abc k7m2q4xa", Warning: "将断开 12 个客户端"}
	plain := chat.Layout{Size: chat.Bytes, Room: 1000, Next: 500, Begin: "\n", Break: "\n", Gap: "\n\n", Span: func(s chat.Span, _ bool) string { return s.Text }}
	linked := plain
	linked.Link = func(n chat.Next) string { return "[" + n.Label + "]" }
	for name, l := range map[string]chat.Layout{"typed": plain, "linked": linked} {
		got := l.Command(n)
		if !strings.HasSuffix(got, " "+n.Command) && !strings.HasSuffix(got, "："+n.Command) || !strings.Contains(got, n.Warning) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
