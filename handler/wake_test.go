package handler_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/wakeup"
)

// wakes keeps the wake-ups that an instance sets, in the place of the platform.
type wakes struct {
	mu       sync.Mutex
	payloads []string
	delays   []time.Duration
	denied   bool
}

func (w *wakes) Invoke(_ context.Context, delay time.Duration, payload []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.denied {
		return &wakeup.Error{Class: wakeup.ClassDenied, Status: 403, Code: "AccessDenied"}
	}
	w.payloads, w.delays = append(w.payloads, string(payload)), append(w.delays, delay)
	return nil
}

// got gives the wake-ups that were set, and forgets them.
func (w *wakes) got() (payloads []string, delays []time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	payloads, delays = w.payloads, w.delays
	w.payloads, w.delays = nil, nil
	return payloads, delays
}

// waking has an instance set its wake-ups at w.
func (h *harness) waking() *wakes {
	h.t.Helper()
	w := &wakes{}
	h.opts.Wakes = func(handler.Invocation) wakeup.Invoker { return w }
	h.start()
	return w
}

func wakeOf(t *testing.T, payload string) events.Wake {
	t.Helper()
	ev, err := events.Decode([]byte(payload))
	if err != nil || ev.Wake == nil {
		t.Fatalf("%s: %v", payload, err)
	}
	return *ev.Wake
}

// TestEveryDoorSetsWakeUpsForDueTimes requests a change for later by each door, and
// invokes the function with the wake-up at that time.
func TestEveryDoorSetsWakeUpsForDueTimes(t *testing.T) {
	t.Parallel()
	doors := map[string]func(*harness, time.Time){
		"HTTP": func(h *harness, at time.Time) {
			h.accepted(post("/v1/changes", "notBefore: "+at.Format(time.RFC3339)+"\n"+setPort))
		},
		"a file": func(h *harness, at time.Time) {
			h.deliver(string(oss.EventJSON(h.upload("changes/later.yaml", "notBefore: "+at.Format(time.RFC3339)+"\n"+setPort))))
		},
		"a timer": func(h *harness, at time.Time) {
			h.deliver(marshal(h.t, map[string]string{
				"triggerName": "nightly", "triggerTime": h.Clock.Now().UTC().Format(time.RFC3339), "payload": "notBefore: " + at.Format(time.RFC3339) + "\n" + setPort,
			}))
		},
		"a command": func(h *harness, at time.Time) {
			h.ask(post("/v1/commands", `{"command":"apply vss-one port=1195 at=`+at.Format(time.RFC3339)+`"}`).with("Content-Type", "application/json"), 202)
		},
	}
	for name, door := range doors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			w := h.waking()
			h.Server("vss-one")
			at := h.Clock.Now().Add(30 * time.Minute).Truncate(time.Second).UTC()
			door(h, at)
			payloads, delays := w.got()
			if len(payloads) != 1 || delays[0] > 30*time.Minute || delays[0] < 29*time.Minute {
				t.Fatalf("wake-ups %q after %v", payloads, delays)
			}
			if got := wakeOf(t, payloads[0]); !got.At.Equal(at) || len(got.Lanes) != 1 || got.Lanes[0] != (events.WakeLane{Region: "cn-hangzhou", Server: "vss-one"}) {
				t.Errorf("the wake-up is %+v", got)
			}
			h.later(at.Sub(h.Clock.Now()) - 300*time.Millisecond)
			if s := h.deliver(payloads[0]); s.Trigger != "wake" || len(s.Lanes) != 1 || s.Lanes[0].Ended != 1 || h.sent() != 1 {
				t.Errorf("%+v, %d sent", s, h.sent())
			}
			if now := h.Clock.Now(); now.Before(at) {
				t.Errorf("it was applied %s early", at.Sub(now))
			}
		})
	}
}

// TestAWakeUpThatComesEarlyIsSetAgain: it looks at nothing.
func TestAWakeUpThatComesEarlyIsSetAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	w := h.waking()
	h.Server("vss-one")
	at := h.Clock.Now().Add(90 * time.Minute).Truncate(time.Second)
	h.accepted(post("/v1/changes", "notBefore: "+at.Format(time.RFC3339)+"\n"+setPort))
	first, delays := w.got()
	if len(first) != 1 || delays[0] != time.Hour {
		t.Fatalf("wake-ups %q after %v", first, delays)
	}
	h.later(time.Hour)
	h.count("lanes/", 0)
	if s := h.deliver(first[0]); s.Lanes != nil {
		t.Errorf("it drained %+v", s.Lanes)
	}
	again, delays := w.got()
	if len(again) != 1 || again[0] != first[0] || delays[0] > 30*time.Minute || delays[0] < 29*time.Minute {
		t.Errorf("wake-ups %q after %v", again, delays)
	}
	h.count("lanes/", 0)
}

// TestTheChainOfAChangeThatWasCancelledEnds: it would go on for months. So would one that
// somebody else has begun.
func TestTheChainOfAChangeThatWasCancelledEnds(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	w := h.waking()
	h.Server("vss-one")
	at := h.Clock.Now().Add(90 * 24 * time.Hour).Truncate(time.Second)
	id := h.accepted(post("/v1/changes", "notBefore: "+at.Format(time.RFC3339)+"\n"+setPort))[0]
	first, _ := w.got()
	payload := strings.Replace(first[0], `"lanes":[`, `"lanes":[{"lane":"cn-hangzhou/vss-foreign"},`, 1)
	h.deliver(payload)
	again, delays := w.got()
	if len(again) != 1 || again[0] != first[0] || delays[0] != time.Hour {
		t.Errorf("set %q after %v", again, delays)
	}
	h.ask(post("/v1/commands", `{"command":"cancel `+id+`"}`).with("Content-Type", "application/json"), 202)
	h.deliver(`{"wake":{"at":"2026-11-22T18:40:00Z","lanes":[{"lane":"cn-hangzhou/vss-one"}]}}`) // the drain ends the change
	h.count("queue/", 0)
	w.got()
	h.deliver(first[0])
	if again, _ := w.got(); len(again) != 0 {
		t.Errorf("set %q", again)
	}
	h.fault(oss.Fault{Kind: oss.ServiceUnavailable, Op: "ListObjectsV2", Times: -1})
	if _, err := h.invoke(first[0]); err == nil {
		t.Error("the store fails, and the platform is not asked to deliver the wake-up again")
	}
}

// TestForeignWakeUpsDoNothing: whoever may invoke the function can send them.
func TestForeignWakeUpsDoNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	w := h.waking()
	h.Server("vss-one")
	h.accepted(post("/v1/changes", "notBefore: "+h.Clock.Now().Add(time.Hour).Format(time.RFC3339)+"\n"+setPort))
	w.got()
	now := h.Clock.Now().UTC()
	wake := func(at time.Time, lanes ...string) string {
		return fmt.Sprintf(`{"wake":{"at":%q,"lanes":[{"lane":"%s"}]}}`, at.Format(time.RFC3339Nano), strings.Join(lanes, `"},{"lane":"`))
	}
	many := make([]string, events.MaxWakeLanes)
	for i := range many {
		many[i] = fmt.Sprintf("cn-hangzhou/vss-%d", i)
	}
	for name, tt := range map[string]struct {
		payload string
		ignored int
	}{
		"of a change that is not due":  {wake(now, "cn-hangzhou/vss-one"), 0},
		"of long ago":                  {wake(now.Add(-1000*time.Hour), "cn-hangzhou/vss-one"), 0},
		"of lanes that do not exist":   {wake(now, many...), 0},
		"of one lane many times":       {wake(now, "cn-hangzhou/vss-one", "cn-hangzhou/vss-one"), 0},
		"of another prefix":            {wake(now, "../queue", "cn-hangzhou/../../policy", "cn-hangzhou/vss-one/x"), 3},
		"of another bucket":            {wake(now, "oss://x/y"), 1},
		"for a time that never comes":  {wake(now.Add(100*366*24*time.Hour), "cn-hangzhou/vss-one"), 1},
		"with a generation of nothing": {strings.Replace(wake(now, "cn-hangzhou/vss-one"), `}]`, `,"gen":9223372036854775807}]`, 1), 0},
		"for reminders":                {strings.Replace(wake(now, "cn-hangzhou/vss-one"), `}]`, `,"remind":true}]`, 1), 0},
	} {
		if s := h.deliver(tt.payload); len(s.Ignored) != tt.ignored {
			t.Errorf("%s: %+v", name, s)
		}
		if payloads, _ := w.got(); len(payloads) > 0 {
			t.Errorf("%s: it set %q", name, payloads)
		}
	}
	if h.sent() != 0 {
		t.Errorf("%d changes were sent", h.sent())
	}
	h.count("queue/", 1)
	h.count("results/", 0)
	for _, payload := range []string{`{"wake":{}}`, `{"wake":{"at":"x","lanes":[]},"events":[]}`} {
		if _, err := h.invoke(payload); err == nil {
			t.Errorf("%s is accepted", payload)
		}
	}
}

// TestNoInvocationFailsBecauseOfAWakeUp: the function's role has not got the right.
func TestNoInvocationFailsBecauseOfAWakeUp(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	w := h.waking()
	w.denied = true
	h.Server("vss-one")
	for i := range 3 {
		h.accepted(post("/v1/changes", fmt.Sprintf("notBefore: %s\n%s", h.Clock.Now().Add(time.Duration(i+1)*time.Hour).Format(time.RFC3339), setPort)))
	}
	if log := h.log.String(); strings.Count(log, "wake-up not set, the sweep looks within a minute") != 1 || !strings.Contains(log, "fc:InvokeFunction") {
		t.Errorf("the log says %s", log)
	}
	h.later(2 * time.Hour)
	if s := h.deliver(`{"triggerName":"sweep","triggerTime":"2026-11-22T18:40:00Z","payload":"{\"task\":\"sweep\"}"}`); s.Sweep == nil || h.sent() != 1 {
		t.Errorf("%+v, %d sent", s, h.sent())
	}
}

// TestAReminderComesHalfWay: a wake-up delivers it, and nothing else that is pending.
func TestAReminderComesHalfWay(t *testing.T) {
	t.Parallel()
	r := newChatHarness(t)
	w := r.waking()
	r.shown(r.slash("U1", "apply one port=1195 confirm=10m"))
	began := r.Clock.Now()
	r.wake("wake/cn-hangzhou/vss-one")
	told := len(r.told())
	var half events.Wake
	payloads, _ := w.got()
	payload := ""
	for _, p := range payloads {
		if got := wakeOf(t, p); got.Lanes[0].Remind {
			half, payload = got, p
		}
	}
	if ahead := half.At.Sub(began); ahead < 4*time.Minute || ahead > 6*time.Minute {
		t.Fatalf("the reminder is %s ahead: %q", ahead, payloads)
	}
	r.later(half.At.Sub(r.Clock.Now()))
	r.deliver(payload)
	if got := r.told(); len(got) != told+1 || !strings.Contains(got[told], "confirm") {
		t.Errorf("told %q", got)
	}
	r.deliver(payload) // a wake-up may come twice
	if got := r.told(); len(got) != told+1 {
		t.Errorf("told %q", got)
	}
}

// TestALaneThatIsNamedTwiceIsDrainedTwiceInTurn: at once, the drains would take the
// lease from each other.
func TestALaneThatIsNamedTwiceIsDrainedTwiceInTurn(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	h.accepted(post("/v1/changes", setPort))
	s := h.deliver(fmt.Sprintf(`{"wake":{"at":%q,"lanes":[{"lane":"cn-hangzhou/vss-one"},{"lane":"cn-hangzhou/vss-two"},{"lane":"cn-hangzhou/vss-one","gen":99},{"lane":"cn-hangzhou/vss-one","remind":true}]}}`,
		h.Clock.Now().Format(time.RFC3339Nano)))
	var lanes []string
	for _, l := range s.Lanes {
		lanes = append(lanes, strings.TrimPrefix(l.Lane, "cn-hangzhou/")+" "+l.Standing)
	}
	if got := strings.Join(lanes, ", "); got != "vss-one empty, vss-two empty, vss-one replaced" || h.sent() != 1 {
		t.Errorf("drained %s, %d sent", got, h.sent())
	}
}

// TestTheMomentOfADueTimeIsNotBoundedTooNarrowly: every accepted due time can be woken.
func TestTheMomentOfADueTimeIsNotBoundedTooNarrowly(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	w := h.waking()
	h.Server("vss-one")
	at := h.Clock.Now().Add(change.MaxAhead - time.Hour).Truncate(time.Second)
	h.accepted(post("/v1/changes", "notBefore: "+at.Format(time.RFC3339)+"\n"+setPort))
	payloads, delays := w.got()
	if len(payloads) != 1 || delays[0] != time.Hour {
		t.Fatalf("%q after %v", payloads, delays)
	}
	if s := h.deliver(payloads[0]); len(s.Ignored) > 0 {
		t.Errorf("ignored: %v", s.Ignored)
	}
}
