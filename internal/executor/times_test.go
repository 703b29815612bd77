package executor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// A time of day is that of the sender's zone: the person's, else the channel's, else UTC.
func TestTimesOfDayAreInTheSendersZone(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.policy = strings.Replace(rules, "{name: mei,", "{name: mei, timeZone: Asia/Tokyo,", 1)
	for _, tt := range []struct {
		who  string
		door *time.Location
		zone string
	}{{"mei", zone.Load("Europe/Berlin"), "Asia/Tokyo"}, {"jun", zone.Load("Europe/Berlin"), "Europe/Berlin"}, {"jun", nil, "UTC"}} {
		from := r.from(tt.who)
		from.Zone = tt.door
		ans := r.do(from, "apply test port=1201 at=03:00 until=+2h")
		if ans.Change == nil || ans.Zone.String() != tt.zone {
			t.Fatalf("%s: %+v", tt.who, ans)
		}
		due := ans.Change.Due.In(zone.Load(tt.zone))
		if due.Hour() != 3 || due.Minute() != 0 || !due.After(r.Clock.Now()) || due.Sub(r.Clock.Now()) > 25*time.Hour || ans.Change.Expires.Sub(due) != 2*time.Hour {
			t.Errorf("%s in %s: due %s, expires %s", tt.who, tt.zone, due, ans.Change.Expires)
		}
		if ans.Command.NotBefore.Location().String() != tt.zone || !ans.Command.At.IsZero() {
			t.Errorf("the command of the answer is %s", ans.Command)
		}
	}
	r.refused("mei", "apply test port=1201 at=today-00:00", executor.Invalid, change.RuleNotBeforeInPast)
}

// A message that is delivered again names the same time, whatever the time is then.
func TestARedeliveryHasTheSameTime(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	from := r.from("mei")
	first := r.do(from, "apply test port=1201 at=+1h")
	r.Clock.Advance(30 * time.Minute)
	again := r.do(from, "apply test port=1201 at=+1h")
	if again.Change == nil || again.Change.ID != first.Change.ID || !again.Change.Due.Equal(first.Change.Due) || !again.Command.NotBefore.Equal(first.Command.NotBefore) {
		t.Errorf("first %+v, then %+v", first.Change, again.Change)
	}
}
