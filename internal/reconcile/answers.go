package reconcile

import (
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/backoff"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// answers are what came back for the sends of one intent that were not accepted.
// They decide when the intent is sent again, when its changes have failed, and when
// it can be dropped. Its times are by the clock of the worker that has the lease.
type answers struct {
	Sends     int            // sends so far
	Count     int            // of those, answered by the API with an error of its own
	First     time.Time      // the first of these answers
	Last      time.Time      // the last one
	Failure   record.Failure // the last one, as a record shows it
	Next      time.Time      // the intent is not sent again before
	Landed    time.Time      // nothing that was sent takes effect after
	Unchanged bool           // since the last send, the server was seen to have its old settings
	Definite  bool           // every send was refused: none can take effect
	At        time.Time      // the clock, when this was stored
}

// takenOver are the answers as the next worker continues them. The clocks of two
// workers may differ by minutes, so the times are moved by the age of what was
// stored. The store counts that in whole seconds: a smaller difference is none, or else
// every look would move the next send, and ask for another wake-up. A worker that died
// may have sent once more.
func (a *answers) takenOver(now time.Time, age time.Duration, died bool, p Policy) *answers {
	if a == nil { // written by an earlier version, or before the first answer
		return &answers{Landed: now.Add(p.LateLanding)}
	}
	out := *a
	ahead := now.Sub(a.At) - age
	if ahead.Abs() <= storeClock {
		ahead = 0
	}
	for _, t := range []*time.Time{&out.First, &out.Last, &out.Next, &out.Landed} {
		if !t.IsZero() {
			*t = t.Add(ahead)
		}
	}
	if died {
		out.Unchanged, out.Definite = false, false
		out.Landed = later(out.Landed, now.Add(p.LateLanding))
	}
	return &out
}

// storeClock is how exact the age of a stored object is: its time and that of the answer
// are whole seconds.
const storeClock = time.Second

// add adds what came back for a send. The pauses double; a part of each is random.
func (a *answers) add(e *sslvpn.Error, f record.Failure, now time.Time, p Policy, jitter func() float64) *answers {
	out := answers{Definite: true}
	if a != nil {
		out = *a
	}
	out.Sends++
	out.Next = now.Add(max(pause(out.Sends, p, jitter), e.RetryAfter))
	if e.Class == sslvpn.ClassUnknown {
		out.Unchanged, out.Definite = false, false
		landing := p.LateLanding
		if e.Answered() {
			landing = p.Landing
		}
		out.Landed = later(out.Landed, now.Add(landing))
	}
	out.Unchanged = out.Unchanged || out.Definite
	if !e.Answered() {
		return &out
	}
	if out.Count == 0 {
		out.First = now
	}
	out.Count++
	out.Last, out.Failure = now, f
	return &out
}

// pause is how long to wait after the nth send that was not accepted.
func pause(n int, p Policy, jitter func() float64) time.Duration {
	least := p.FirstPause
	for i := 1; i < n && least < p.MaxPause; i++ {
		least = min(2*least, p.MaxPause)
	}
	w := backoff.New(backoff.Config{First: least / 4, Max: least / 4, Jitter: jitter})
	w.RetryAfter(least)
	d, _ := w.Next()
	return d
}

// action is what to do about a modification that was sent and does not show.
type action int

const (
	sendAgain action = iota
	standBy          // until a time, and then read the server again
	fail             // its changes have failed with the last answer
	forget           // drop the intent, and plan its changes again
	giveUp           // its changes have expired or were withdrawn, and the outcome is unknown
)

// sight is what a worker sees of such a modification, while its gateway is active.
type sight struct {
	at        time.Time // before the server was read
	unchanged bool      // the server has its old settings
	foreign   bool      // the server has neither its old settings nor those that were sent
	expired   bool      // all its changes have expired
	withdrawn bool      // somebody cancelled or rejected one of them
	undo      bool      // it undoes a change: errors of the API do not end it
}

// decide decides what to do. The server counts as unchanged only if it was read
// when nothing that was sent can take effect any more.
func (a *answers) decide(s sight, p Policy) (action, time.Time) {
	hopeless := a.Count >= p.Answers && a.Last.Sub(a.First) >= p.AnswersTime && s.unchanged && !s.undo
	landed := a.Definite || !s.at.Before(a.Landed)
	switch {
	case s.withdrawn && s.unchanged && landed:
		return forget, time.Time{}
	case (s.withdrawn || s.expired || hopeless) && !landed:
		return standBy, a.Landed
	case s.withdrawn && s.foreign, s.expired && a.Count == 0:
		return giveUp, time.Time{} // what happened cannot be seen any more, however long the lane waits
	case hopeless, s.expired && s.unchanged:
		return fail, time.Time{}
	case s.expired:
		return giveUp, time.Time{}
	case s.withdrawn: // it must not be sent again
		return standBy, s.at.Add(p.NextLook)
	case s.at.Before(a.Next):
		return standBy, a.Next
	default:
		return sendAgain, time.Time{}
	}
}

// failure is the last answer as the outcome of the modification.
func (a *answers) failure() *record.Failure {
	f := a.Failure
	f.Class = string(sslvpn.ClassOther) // the outcome is known now
	f.Hint = fmt.Sprintf("The API answered %s with an error, and the server still has its old settings: nothing was applied. %s",
		times(a.Count), f.Hint)
	return &f
}

// unknown is the failure of a modification whose outcome is not known when its
// changes expire, or when one of them was withdrawn and somebody else has modified
// the server since.
func (a *answers) unknown(s sight) *record.Failure {
	f := &record.Failure{
		Code: "OutcomeUnknown", Class: string(sslvpn.ClassUnknown),
		Message: "the modification was sent and never answered, and did not show on the server before the change expired",
		Hint:    "look at the server; if it still has its old values, submit the change again",
	}
	if s.foreign {
		f.Message = "the modification was sent and never answered; the server has neither its old nor the new settings"
		f.Hint = "look at the server: somebody else may have modified it; submit the change again if it is wanted"
	}
	if a.Count > 0 {
		f.Message = fmt.Sprintf("the API answered the modification %s with an error, the last time with %s: %s; "+
			"the server has neither its old nor the new settings", times(a.Count), a.Failure.Code, a.Failure.Message)
		f.RequestID = a.Failure.RequestID
	}
	return f
}

// why says for people what a lane waits for between two sends.
func (a *answers) why() string {
	text := "the API does not answer the modification"
	if a.Count > 0 {
		text = fmt.Sprintf("the API answered the modification %s with an error, the last time with %s", times(a.Count), a.Failure.Code)
	}
	if a.Unchanged {
		text += "; the server still has its old settings"
	}
	return text
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// unchanged reports whether a server has the settings that stood before an intent,
// where the intent changes them.
func (in *intent) unchanged(s change.Settings) bool {
	if !in.Readable {
		return false
	}
	for f := range in.Asked {
		if !change.Equal(f, s[f], in.Before[f]) {
			return false
		}
	}
	return true
}
