package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const undo = "20261122-rvj2hy3hffdl3abm2ibx6hk5va"

// reminded posts a reminder of a change that is undone in ten minutes.
func (b *harness) reminded() {
	b.t.Helper()
	b.ended(id)
	b.undoDue = b.Clock.Now().Add(10 * time.Minute)
	b.post(notify.Reminder(server(), undo, id, b.Clock.Now(), b.undoDue, slack("C1", "U1")))
}

func TestAReminderIsSentHalfWay(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.reminded()
	b.advance(4 * time.Minute)
	b.sweep(notify.Report{Waiting: 1})
	b.advance(time.Minute)
	b.sweep(notify.Report{Delivered: 1})
	sent := b.sent()
	if len(sent) != 1 || !strings.Contains(sent[0].Text, "confirm before") || !strings.Contains(sent[0].Text, id) || !strings.HasPrefix(sent[0].ID, "half-"+undo) {
		t.Errorf("sent is %+v", sent)
	}
	b.advance(5 * time.Minute)
	b.sweep(notify.Report{}) // the undo is due: nobody gave more time
	b.empty()
	if _, err := record.NewRecords(b.Store).ReadNotice(t.Context(), undo); err == nil {
		t.Error("the undo has a notice, and has not ended")
	}
}

func TestNobodyIsRemindedOfAnUndoThatHasEnded(t *testing.T) {
	t.Parallel()
	for name, due := range map[string]func(*harness) time.Time{
		"confirmed": func(*harness) time.Time { return time.Time{} },
		"due":       func(b *harness) time.Time { return b.Clock.Now() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newHarness(t)
			b.reminded()
			b.advance(6 * time.Minute)
			b.undoDue = due(b)
			b.sweep(notify.Report{})
			if sent := b.sent(); len(sent) > 0 {
				t.Errorf("sent is %+v", sent)
			}
			b.empty()
		})
	}
}

func TestAReminderIsPostponedWhenPeopleGetMoreTime(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.reminded()
	b.advance(5 * time.Minute)
	b.undoDue = b.Clock.Now().Add(20 * time.Minute)
	b.sweep(notify.Report{Waiting: 1})
	b.advance(9 * time.Minute)
	b.sweep(notify.Report{Waiting: 1})
	b.advance(time.Minute)
	b.sweep(notify.Report{Delivered: 1})
	if sent := b.sent(); len(sent) != 1 || !strings.Contains(sent[0].Text, b.undoDue.UTC().Format(time.RFC3339)) {
		t.Errorf("sent is %+v", sent)
	}
	// Somebody gives more time after the reminder: people are reminded again.
	first := b.undoDue
	b.undoDue = first.Add(time.Hour)
	b.advance(first.Sub(b.Clock.Now()))
	b.sweep(notify.Report{Waiting: 1})
	b.advance(30 * time.Minute)
	b.sweep(notify.Report{Delivered: 1})
	if sent := b.sent(); len(sent) != 1 || !strings.HasPrefix(sent[0].ID, "half2-"+undo) || !strings.Contains(sent[0].Text, b.undoDue.UTC().Format(time.RFC3339)) {
		t.Errorf("sent is %+v", sent)
	}
	b.undoDue = time.Time{} // confirmed
	b.advance(31 * time.Minute)
	b.sweep(notify.Report{})
	b.empty()
}

func TestAReminderThatFailsIsSentLater(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.reminded()
	b.answers(map[string]int{"U1": 503})
	b.advance(5 * time.Minute)
	b.sweep(notify.Report{Waiting: 1})
	b.answers(nil)
	b.advance(time.Minute)
	b.sweep(notify.Report{Delivered: 1})
	b.advance(5 * time.Minute)
	b.sweep(notify.Report{})
	b.empty()
}

// TestRemindersOfALaneAreDeliveredByThemselves: whoever is told their times delivers them
// without the sweep, and nothing else that is pending.
func TestRemindersOfALaneAreDeliveredByThemselves(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	var asked []time.Time
	later := func(d *notify.Deps, _ *notify.Policy) {
		d.Later = func(lane change.Target, at time.Time) {
			if lane != server() {
				t.Errorf("a reminder of %s", lane)
			}
			asked = append(asked, at)
		}
	}
	began := b.Clock.Now()
	b.undoDue = began.Add(10 * time.Minute)
	post := func(n notify.Notice) {
		t.Helper()
		if err := b.outbox(later).Post(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	post(b.ended(id, slack("C1", "U1")))
	post(notify.Reminder(server(), undo, id, began, b.undoDue, slack("C1", "U1")))
	deliver := func(want notify.Report) {
		t.Helper()
		if rep, err := b.outbox(later).DeliverReminders(t.Context(), server()); err != nil || rep != want {
			t.Errorf("delivered %+v, %v, want %+v", rep, err, want)
		}
	}
	half := func(want time.Duration) {
		t.Helper()
		if len(asked) == 0 || asked[len(asked)-1].Sub(began.Add(want)).Abs() > time.Second {
			t.Errorf("asked for %v, want %s after the beginning", asked, want)
		}
	}
	half(5 * time.Minute)
	b.advance(4 * time.Minute)
	deliver(notify.Report{Waiting: 1})
	b.advance(time.Minute)
	b.undoDue = began.Add(25 * time.Minute) // somebody gave more time
	deliver(notify.Report{Waiting: 1})
	half(15 * time.Minute)
	b.advance(10 * time.Minute)
	deliver(notify.Report{Delivered: 1})
	deliver(notify.Report{Waiting: 1})
	if sent := b.sent(); len(sent) != 1 || !strings.HasPrefix(sent[0].ID, "half-"+undo) || len(asked) != 2 {
		t.Errorf("sent is %+v, asked for %v", sent, asked)
	}
}
