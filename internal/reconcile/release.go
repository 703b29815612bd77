package reconcile

import (
	"context"
	"log/slog"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// release writes the decision, which also frees the lane, and then writes the
// records. Of a batch that was not read, the next round writes them.
func (d *drain) release(ctx context.Context, dec *decision, entries []queue.Entry) (Report, bool, error) {
	ctx, cancel := d.limits.lastWrites(ctx)
	defer cancel()
	d.journal.Decided = dec
	d.journal.Past = remember(d.journal.Past, dec)
	d.journal.Armed = d.journal.Armed.after(dec)
	if d.journal.lease != nil && len(entries) > d.limits.policy.LongQueue {
		return Report{}, true, d.releaseAfterRecords(ctx, dec, entries)
	}
	if err := d.journal.release(ctx); err != nil {
		return Report{}, false, err
	}
	if entries != nil {
		if err := d.records.write(ctx, dec, entries); err != nil {
			return Report{}, false, err
		}
		d.deps.Memory.completed(d.target, d.journal.head.Gen)
	}
	return Report{}, true, nil
}

// releaseAfterRecords is release for a long batch: the decision is written under
// the lease, so that no other worker writes its records at the same time, and
// the lane is freed when they are there.
func (d *drain) releaseAfterRecords(ctx context.Context, dec *decision, entries []queue.Entry) error {
	if err := d.journal.commit(ctx); err != nil {
		return err
	}
	if err := d.records.write(ctx, dec, entries); err != nil {
		return err
	}
	d.journal.Decided = nil
	return d.journal.release(ctx)
}

// park frees the lane with what it waits for. A modification that was certainly
// not sent is dropped: the next look plans again. One that the API refused keeps its
// answers.
func (d *drain) park(ctx context.Context, at phase, w *wait) (Report, bool, error) {
	ctx, cancel := d.limits.lastWrites(ctx)
	defer cancel()
	if in := d.journal.Intent; in != nil && w.Cause == causeGateway {
		w.Gateway = in.GatewayID
	}
	if in := d.journal.Intent; at == planned && in != nil && in.Answers == nil {
		d.journal.Intent = nil
	}
	d.journal.Waits.begin(w, d.limits.now())
	if d.limits.policy.Wakes {
		d.schedule(w)
	}
	d.charge()
	if err := d.journal.release(ctx); err != nil {
		return Report{}, false, err
	}
	d.deps.Log.InfoContext(ctx, "lane waits", slog.String("cause", string(w.Cause)), slog.String("why", w.Why), slog.String("phase", string(at)), slog.Time("next", w.Next))
	return Report{Standing: Waits, Why: w.Why, Next: w.Next, WakeAt: w.Next}, false, nil
}

// separate frees the lane, and has the merged changes sent separately from now
// on.
func (d *drain) separate(ctx context.Context, ids []string) (Report, bool, error) {
	ctx, cancel := d.limits.lastWrites(ctx)
	defer cancel()
	d.journal.Intent, d.journal.Separate = nil, ids
	d.charge()
	d.deps.Log.InfoContext(ctx, "merged modification refused, changes are sent separately", slog.Int("changes", len(ids)), slog.String("change", strings.Join(ids[:min(len(ids), 10)], ",")))
	return Report{}, true, d.journal.release(ctx)
}

// replan frees the lane of an intent that may have been sent and of which nothing
// shows. Its changes are planned again, by the policy and the votes as they are then.
func (d *drain) replan(ctx context.Context) (Report, bool, error) {
	ctx, cancel := d.limits.lastWrites(ctx)
	defer cancel()
	d.journal.endWait()
	d.journal.Intent = nil
	d.charge()
	d.deps.Log.WarnContext(ctx, "modification not seen on the server and not sent again, changes are planned again")
	return Report{}, true, d.journal.release(ctx)
}

// drop frees the lane of an intent that was not sent and of which no change is
// left: there is nothing to decide.
func (d *drain) drop(ctx context.Context) (Report, bool, error) {
	ctx, cancel := d.limits.lastWrites(ctx)
	defer cancel()
	d.journal.endWait()
	d.charge()
	d.journal.Intent, d.journal.Cost = nil, cost{} // there is no record that could have the cost
	d.meter.nextBatch()
	return Report{}, true, d.journal.release(ctx)
}
