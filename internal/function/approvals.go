package function

import (
	"context"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/approval"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// approvals asks people to approve changes during one invocation; nil where no chat
// platform is configured.
func (f *Function) approvals(inv handler.Invocation, b Buckets, records *record.Records, read policyReader, reconciler func(time.Duration) *reconcile.Reconciler, log *slog.Logger) *approval.Approvals {
	if len(f.cfg.Platforms) == 0 {
		return nil
	}
	t := approval.DefaultTimes()
	f.opts.Approvals(&t)
	return approval.New(approval.Deps{
		Bucket: b.Changes, Records: records, Policy: read, Platforms: f.cfg.Platforms, Client: f.opts.Chat,
		Plan: planned(reconciler), Words: words{f.opts.Now}, Zone: f.cfg.TimeZone, Zones: f.cfg.Zones,
		Owner: inv.RequestID, Memory: &f.asked, Now: f.opts.Now, Nonce: f.opts.Nonce, Jitter: f.opts.Jitter, Log: log,
	}, t)
}

// planTime bounds the reading of a server for a request for approval. A card says what
// could not be read.
const planTime = 5 * time.Second

// planned gives the function that shows what a queued change does.
func planned(reconciler func(time.Duration) *reconcile.Reconciler) func(context.Context, change.Change) approval.Plan {
	return func(ctx context.Context, c change.Change) approval.Plan {
		ctx, cancel := context.WithTimeout(ctx, planTime)
		defer cancel()
		previews, err := reconciler(0).Preview(ctx, []change.Request{{Target: c.Target, Patch: c.Patch, Expect: c.Expect, Confirm: c.Confirm}})
		if err != nil {
			return approval.Plan{}
		}
		p := previews[0]
		switch {
		case p.Unseen:
			return approval.Plan{Unseen: &p.Problems[0]}
		case len(p.Problems) > 0:
			return approval.Plan{Problems: p.Problems}
		}
		return approval.Plan{Seen: true, Changed: p.Changed, Impact: p.Impact, Code: change.Code(change.PlanDigest(c, p.Before))}
	}
}

// words words what rooms are told.
type words struct{ now func() time.Time }

// Card words a request for approval.
func (words) Card(v approval.View) chat.Text { return wording.In(v.Lang).Asking(v) }

// News words what has become of the changes.
func (words) News(v approval.View) chat.Text { return wording.In(v.Lang).Asked(v) }

// Reminder words that changes still wait.
func (w words) Reminder(v approval.View) chat.Text {
	return wording.In(v.Lang).At(w.now(), v.Zone).StillAsking(v)
}
