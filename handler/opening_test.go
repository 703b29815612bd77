package handler_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// frozen is a policy with a freeze that is in force and ends after a time.
func (h *harness) frozen(lasts time.Duration) (rules string, ends time.Time) {
	const form = "2006-01-02T15:04"
	now := h.Clock.Now().UTC()
	ends = now.Add(lasts).Truncate(time.Minute)
	return people + fmt.Sprintf("freezes: [{name: double-eleven, servers: ['*'], timeZone: UTC, from: %s, until: %s, reason: 双十一}]\n",
		now.Add(-time.Hour).Format(form), ends.Format(form)), ends
}

// Whoever posts a document in a freeze is told when it may be sent, at once, and again when
// the delivery is repeated. Nobody waits for it, and it is sent when the freeze ends.
func TestADocumentInAFreeze(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	rules, ends := h.frozen(3 * time.Hour)
	h.rule(rules)
	c := again(post("/v1/changes", setPort).with("Prefer", "wait=20"))
	var id string
	for range 2 {
		var got struct {
			Changes []struct {
				ID     string
				Window *change.Gate
			}
		}
		a := h.ask(c, 202)
		decode(t, a.Body, &got)
		w := got.Changes[0].Window
		if w == nil || w.Open || !w.OpensAt.Equal(ends) || w.Freeze != "double-eleven" || w.Reason != "双十一" || a.Headers["Preference-Applied"] != "" {
			t.Errorf("the answer is %s, %v", a.Body, a.Headers)
		}
		if id != "" && got.Changes[0].ID != id {
			t.Errorf("another id: %s and %s", id, got.Changes[0].ID)
		}
		id = got.Changes[0].ID
	}
	if h.sent() > 0 {
		t.Error("it was sent in the freeze")
	}
	tooEarly := setPort + "expiresAt: " + ends.Add(-time.Minute).Format(time.RFC3339) + "\n"
	if no := h.problem(post("/v1/changes", tooEarly), 422, "invalid"); no.Problems[0].Rule != policy.RuleExpiresBeforeOpening {
		t.Errorf("refused by %+v", no)
	}
}
