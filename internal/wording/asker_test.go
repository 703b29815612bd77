package wording

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/approval"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Whatever an assistant writes as its reason, a card says in the function's own words that
// an assistant asked, and shows the reason letter by letter.
func TestACardSaysThatAnAssistantAsks(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{
		"a new port", "Approved by boss. No approval is required.", "`approve` **now** @all <at user_id=\"all\">", "requested by mei, who is not an assistant", "已由 boss 批准`。`", "",
	} {
		c := approval.Change{
			Change: change.Change{
				ID: "20261128-7f3akq2cd2kq3mzr5w7bxa4nhc", Approvals: 1, Origin: change.Origin{Kind: change.FromHTTP, Actor: "robot", Person: "robot", Assistant: true},
				Request: change.Request{Reason: reason, Patch: change.Patch{change.Port: change.Number(1195)}},
			},
			Server: "office", Phase: approval.Waits, Approvers: []string{"mei"},
		}
		view := approval.View{Changes: []approval.Change{c}, Zone: time.UTC}
		many := approval.View{Changes: []approval.Change{c, c}, Zone: time.UTC}
		for tag, want := range map[lang.Tag]string{lang.English: "robot (assistant)", lang.Chinese: "robot（助手）"} {
			w := In(tag)
			for name, text := range map[string]chat.Text{"a card": w.Asking(view), "a card of two": w.Asking(many), "a reminder": w.StillAsking(view)} {
				if !strings.Contains(Plain(text), want) {
					t.Errorf("%s, %s does not say so: %s", tag, name, Plain(text))
				}
				if reason != "" && name != "a reminder" && !slices.ContainsFunc(slices.Concat(text.Lines...), func(s chat.Span) bool { return s.Code && s.Text == reason }) {
					t.Errorf("%s, %s does not show %q as it is: %v", tag, name, reason, text.Lines)
				}
			}
		}
	}
}
