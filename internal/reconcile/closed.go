package reconcile

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// closedLane is a lane in which every due change waited for an opening when an instance
// last looked at it. Many changes may wait for days, and the sweep looks every minute: so
// they are not read again until something can have changed.
type closedLane struct {
	gen    int64
	sum    [sha256.Size]byte // of the listing of its queue
	policy Permissions
	until  time.Time // then one of them may be sent, or expires
}

// stillClosed is the wait of a lane in which nothing can have changed since this instance
// looked at it: its queue, its state and the policy are as they were, and no moment has
// come. It is nil where the queue has to be read.
func (d *drain) stillClosed(ctx context.Context, listing queue.Listing) *wait {
	j, now := d.journal, d.limits.now()
	seen, ok := d.deps.Memory.closedLane(d.target)
	if !ok || j.lease != nil || j.Intent != nil || j.Armed != nil || j.Decided != nil || !j.Waits.Wait.closed(now) ||
		seen.gen != j.head.Gen || seen.sum != listing.Sum() || !now.Before(seen.until) {
		return nil
	}
	if p, _ := d.readPermissions(ctx); p == nil || p != seen.policy {
		return nil
	}
	return j.Waits.Wait
}

// rememberClosed remembers a lane whose due changes all wait for an opening. A lane with a
// change that needs approval, or that is due later and may need it, is always read: its
// drain reports the change to those who ask people.
func (d *drain) rememberClosed(due queue.Due, held *wait) {
	if held.Cause != causeWindow || d.known.counting || d.journal.lease != nil || due.Full || len(due.Later)+len(due.Stray)+len(due.Damaged) > 0 {
		return
	}
	until := held.Next
	for _, e := range due.Entries {
		if e.Err != nil || e.Approvals > 0 {
			return
		}
		until = earlier(until, e.ExpiresAt)
	}
	d.deps.Memory.rememberClosed(d.target, closedLane{gen: d.journal.head.Gen, sum: d.known.sum, policy: d.known.permissions, until: until})
}
