package reconcile

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// Backlog is what waits in the lanes that were drained, as their last rounds saw it. It
// costs no request. What another worker is working on is not in it.
type Backlog struct {
	Waiting int            // due changes
	Oldest  time.Time      // when the first of them became due; zero: none waits
	By      map[string]int // due changes by what they wait for: see Causes
	Asked   time.Time      // when the first change was accepted that waits for approval; zero: none does
	Leased  int            // lanes that another worker has
}

// What changes wait for beside the causes of the waits of their lane.
const (
	WaitsForApproval     = "approval"
	waitsForConfirmation = "confirm" // the change before is on trial
	waitsForTurn         = "queue"   // nothing but the next worker
)

// Causes are the keys of Backlog.By.
func Causes() []string {
	out := []string{WaitsForApproval, waitsForConfirmation, waitsForTurn}
	for _, c := range []cause{causeGateway, causeBreaker, causeThrottle, causeLogin, causeRecovery, causePolicy, causeFailing, causeClients, causeWindow} {
		out = append(out, string(c))
	}
	return out
}

// BacklogOf adds up what waits in lanes.
func BacklogOf(reports []Report) Backlog {
	out := Backlog{By: map[string]int{}}
	for _, rep := range reports {
		b := rep.backlog
		if rep.Standing == Leased {
			out.Leased++
			continue
		}
		out.Waiting += b.due
		out.By[WaitsForApproval] += b.lacking
		if rest := b.due - b.lacking; rest > 0 {
			out.By[b.cause] += rest
		}
		out.Oldest, out.Asked = first(out.Oldest, b.oldest), first(out.Asked, b.asked)
	}
	return out
}

// first is the earlier one of two times, of which a zero one is none.
func first(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// backlog is what waits in one lane.
type backlog struct {
	due     int
	oldest  time.Time
	cause   string // of those that do not lack approval
	lacking int    // that lack approval
	asked   time.Time
}

// listed notes the due changes of a listing. Their keys are in the order of their due times.
func (b *backlog) listed(l queue.Listing) {
	keys := l.Missing(nil)
	*b = backlog{due: len(keys)}
	if len(keys) > 0 {
		c, _ := objects.ParseEntryKey(keys[0])
		b.oldest = c.DueAt
	}
}

// backlog is what waits in the lane when its drain has ended.
func (d *drain) backlog() backlog {
	b, now := d.known.backlog, d.limits.now()
	b.cause = waitsForTurn
	switch {
	case d.journal.Waits.Wait != nil:
		b.cause = string(d.journal.Waits.Wait.Cause)
	case d.journal.Armed != nil:
		b.cause = waitsForConfirmation
	}
	for _, e := range d.known.read {
		if e.Err == nil && e.Approvals > 0 && !plan.Ready(e.Change, e.CastVotes(), now) {
			b.lacking++
			b.asked = first(b.asked, e.AcceptedAt)
		}
	}
	b.lacking = min(b.lacking, b.due)
	return b
}
