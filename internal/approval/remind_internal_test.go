package approval

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// looking gives a look at a change that waits, in a room with quiet hours from 22:00 to
// 08:00 UTC.
func looking(t *testing.T, now time.Time, edit func(*Change)) (*visit, *room, sight) {
	t.Helper()
	p, problems := policy.Parse([]byte("people: []\ngrants: []\nnotify: [{servers: ['*'], rooms: [{door: slack, tenant: T1, room: C1, timeZone: UTC}]}]\n"), document.YAML)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c := Change{Phase: Waits, Change: change.Change{ID: storedID, Request: change.Request{Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, ExpiresAt: now.Add(72 * time.Hour)}, DueAt: now.Add(-time.Hour)}}
	edit(&c)
	r := &room{Platform: "slack", Tenant: "T1", ID: "C1", Zone: "UTC", Changes: []string{storedID}, Told: true, At: now.Add(-16 * time.Minute), RemindAt: now.Add(-time.Minute)}
	v := &visit{Approvals: New(Deps{Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}, DefaultTimes()), state: &state{Rooms: []*room{r}}}
	return v, r, sight{policy: p, changes: []Change{c}}
}

func TestNobodyIsRemindedAtNightUnlessItIsUrgent(t *testing.T) {
	t.Parallel()
	night, noon := time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	morning := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		now  time.Time
		edit func(*Change)
		want bool
		next time.Time // where it is postponed
	}{
		"by day":                                 {noon, func(*Change) {}, true, time.Time{}},
		"at night":                               {night, func(*Change) {}, false, morning},
		"it expires before the morning":          {night, func(c *Change) { c.ExpiresAt = morning.Add(-time.Minute) }, true, time.Time{}},
		"it becomes due before the morning":      {night, func(c *Change) { c.DueAt = night.Add(time.Hour) }, true, time.Time{}},
		"it becomes due after the morning":       {night, func(c *Change) { c.DueAt = morning.Add(time.Hour) }, false, morning},
		"it is approved":                         {noon, func(c *Change) { c.Phase = Approved }, false, time.Time{}},
		"it has ended":                           {noon, func(c *Change) { c.Phase = Ended }, false, time.Time{}},
		"it expires, and does not wait any more": {night, func(c *Change) { c.Phase, c.ExpiresAt = Ending, night }, false, time.Time{}},
	} {
		v, r, seen := looking(t, c.now, c.edit)
		before := r.RemindAt
		if got := v.remindNow(r, seen, c.now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if want := c.next; want.IsZero() && !r.RemindAt.Equal(before) || !want.IsZero() && !r.RemindAt.Equal(want) {
			t.Errorf("%s: next at %v", name, r.RemindAt)
		}
	}
}

// The first reminders are 15 minutes and an hour after the request, the others daily;
// those that quiet hours have passed are left out.
func TestTheTimesOfReminders(t *testing.T) {
	t.Parallel()
	v, r, _ := looking(t, at(0, 0), func(*Change) {})
	r.At = at(0, 0)
	for after, want := range map[time.Duration]time.Duration{
		0: 15 * time.Minute, 15 * time.Minute: time.Hour, 20 * time.Minute: time.Hour, time.Hour: 25 * time.Hour, 9 * time.Hour: 25 * time.Hour, 25 * time.Hour: 49 * time.Hour,
	} {
		if got := v.reminderAfter(r, r.At.Add(after)).Sub(r.At); got != want {
			t.Errorf("after %v: %v, want %v", after, got, want)
		}
	}
}

// A failure is repeated with growing pauses.
func TestPausesAfterFailuresGrow(t *testing.T) {
	t.Parallel()
	_, r, _ := looking(t, at(0, 0), func(*Change) {})
	var got []string
	for range 7 {
		r.fails(at(0, 0), DefaultTimes())
		got = append(got, r.Again.Sub(at(0, 0)).String())
	}
	if want := "30s 1m0s 2m0s 4m0s 8m0s 10m0s 10m0s"; strings.Join(got, " ") != want {
		t.Errorf("pauses %v, want %s", got, want)
	}
}
