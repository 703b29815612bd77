package e2e_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

// A message that is hours old, or from the future, is not executed on any platform
// that dates messages, and neither is its redelivery.
func TestAttackAnOldMessage(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	n, dated := 0, map[string]bool{}
	for name, f := range chattest.Fixtures() {
		for _, form := range f.Forms {
			if !form.Dated {
				continue
			}
			dated[name] = true
			for _, age := range []time.Duration{11 * time.Minute, 6 * time.Hour, -6 * time.Minute} {
				n++
				s := message(n, "apply test port="+strconv.Itoa(1200+n))
				s.Written = s.At.Add(-age)
				for range 2 {
					a.do(of(name, form.Request(s)))
				}
			}
		}
	}
	a.queued(0)
	a.sent(0)
	if len(dated) != 4 {
		t.Errorf("only %v have dated messages", dated)
	}
	// Slack and Feishu show answers by their reply APIs, where the sender reads why.
	eventually(t, "the senders are answered", func() bool { return a.told("It was not executed")+a.told("未执行") > 0 })

	form := chattest.Fixtures()["feishu"].Forms[0]
	a.do(of("feishu", form.Request(message(n+1, "apply test port=1195"))))
	a.ends(1)
}

// One message of Feishu in several events is one change.
func TestAttackOneMessageInTwoEvents(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	form := chattest.Fixtures()["feishu"].Forms[0]
	for n, event := range []string{"ev1", "ev1", "ev2", "ev3"} {
		s := message(1, "apply test port=1195")
		s.At, s.Event = s.At.Add(time.Duration(n)*time.Second), event
		a.do(of("feishu", form.Request(s)))
	}
	a.ends(1)
	a.quiet(t)
	once(1195, 0).settles(t, a.harness)
}

// Slack delivers an event again when it is not answered in time. The room gets one
// message for it.
func TestAttackOneEventDeliveredAgain(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	var form chattest.Form
	for _, f := range chattest.Fixtures()["slack"].Forms {
		if f.Name == "event" {
			form = f
		}
	}
	s := message(1, "plan test port=1195")
	for n := range 3 {
		s.At = time.Now().Add(time.Duration(n) * time.Second) // signed anew
		r := of("slack", form.Request(s))
		if n > 0 {
			r.header = append(r.header, "X-Slack-Retry-Num", strconv.Itoa(n), "X-Slack-Retry-Reason", "http_timeout")
		}
		a.do(r)
	}
	eventually(t, "the answer is sent", func() bool { return a.told("1195") > 0 })
	a.sweep(t)
	if n := a.told("1195"); n != 1 {
		t.Errorf("the room got %d messages", n)
	}
}
