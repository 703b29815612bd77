package feishu

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/growth"
)

// TestAttackTextsCostTheirSize quadruples the texts that cost most to read.
func TestAttackTextsCostTheirSize(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"[", "[a](", "[a](a)", "[a](http://a", "@_user_1", "@_user_", "]", "((", "`", "a "} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			growth.Linear(t, 1<<18, func(n int) string { return strings.Repeat(part, n/len(part)) }, func(text string) { typed(text, []mention{{Key: "@_user_1"}}) })
		})
	}
}
