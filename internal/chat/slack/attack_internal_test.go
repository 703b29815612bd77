package slack

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/growth"
)

// TestAttackTextsCostTheirSize quadruples the texts that cost most to read.
func TestAttackTextsCostTheirSize(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"<@B>", "<@B|x>", "<@B|", "<@U1> ", "<@U1", "<http://a|a>", "<", ">", "&amp;", "`", "<!here> "} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			growth.Linear(t, 1<<18, func(n int) string { return strings.Repeat(part, n/len(part)) }, func(text string) { unescaped(addressed(text, []string{"B"})) })
		})
	}
}
