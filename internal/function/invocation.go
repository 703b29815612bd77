package function

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/doctor"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/proof"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// policyReader reads the policy of the invocation's bucket.
type policyReader func(context.Context) (*policy.Policy, error)

// open sets up the services of one invocation. It sends nothing.
func (f *Function) open(ctx context.Context, inv handler.Invocation) (handler.Services, error) {
	buckets, err := f.opts.Buckets(inv)
	if err != nil {
		return handler.Services{}, err
	}
	log := f.log.With(slog.String("request_id", inv.RequestID))
	records := record.NewRecords(buckets.Records)
	records.Log = log
	used := &usage{}
	read := used.reading(func(ctx context.Context) (*policy.Policy, error) { return f.policies.Policy(ctx, buckets.Changes) })
	wakes := f.wakes(ctx, inv, log)
	s := handler.Services{
		Wakes:     wakes,
		Usage:     func() handler.Usage { return used.sum(buckets, f.breakers) },
		Preflight: func(ctx context.Context) error { return f.preflight(ctx, inv, buckets) },
		Intake: intake.New(intake.Deps{
			Bucket: buckets.Changes, BucketName: f.cfg.ChangeBucket, Records: records, Policy: read, Regions: f.regions(inv),
			Later: due(wakes), NameOf: f.policies.NameOf, Owner: inv.RequestID, Version: f.opts.Version, Now: f.opts.Now, Log: log,
		}),
	}
	deps := reconcile.Deps{
		Bucket: buckets.Changes, Records: records, Owner: inv.RequestID, Version: f.opts.Version, Memory: &f.memory, AccountID: inv.AccountID,
		Wake: reported(wakes), Deadline: inv.Deadline.Add(f.opts.Skew), Reserve: inv.Reserve,
		NameOf: f.policies.NameOf, Now: f.opts.Now, Nonce: f.opts.Nonce, Jitter: f.opts.Jitter, Log: log,
		API: func(observe func(sslvpn.Call)) reconcile.API {
			return f.breakers.Guard(f.metered(inv, used, observe), buckets.Changes)
		},
	}
	deps.Permissions = func(ctx context.Context) (reconcile.Permissions, error) { return f.permissions(ctx, buckets, used) }
	if len(f.cfg.Platforms) > 0 {
		s.Outbox = f.outbox(buckets, records, read, s.Intake.ClaimAnswer, remind(wakes), log)
		s.Pending = notify.NewPending(ctx, s.Outbox)
		deps.Outbox = s.Pending
	}
	s.Proofs = f.proofs(ctx, inv, buckets, records, s, read, used, log)
	s.Reconciler = func(budget time.Duration) *reconcile.Reconciler {
		d := deps
		switch {
		case s.Proofs == nil:
		case budget < 0:
			d.Proofs = s.Proofs
		default: // somebody waits for the answer
			d.Proofs = proof.Later{Proofs: s.Proofs}
		}
		if budget < 0 { // whoever gives a budget has bounded the number of these waits
			d.Permit = s.Intake.PermitDrain
		}
		return reconcile.New(d, f.reconcilePolicy(budget, wakes.Usable()))
	}
	// The intake requests approvals, and planning them needs a reconciler.
	if s.Approvals = f.approvals(inv, buckets, records, read, s.Reconciler, log); s.Approvals != nil {
		s.Intake.Approvals = s.Approvals
	}
	f.administration(&s, buckets, log)
	s.Digests = f.digests(inv, buckets, s, read, used, log)
	s.Doctor = func() *doctor.Doctor { return f.doctor(inv, buckets, s.Reconciler) }
	s.Executor = func() *executor.Executor {
		return executor.New(executor.Deps{
			Intake: s.Intake, Reconciler: s.Reconciler(0), Records: records, Index: index.New(buckets.Changes, log), Policy: read,
			Preflight: s.Preflight, WarmUp: func(ctx context.Context) { f.warmUp(ctx, inv, buckets) },
			Region: inv.Region, Regions: f.regions(inv), Now: f.opts.Now, Log: log,
		})
	}
	return s, nil
}

// permissions reads the policy as it is now, for what is about to be sent. The error
// is stored and shown to people who may not read the policy, so it does not list the
// problems of the policy.
//
//nolint:ireturn // reconcile defines what it needs
func (f *Function) permissions(ctx context.Context, b Buckets, u *usage) (reconcile.Permissions, error) {
	p, err := f.policies.Current(ctx, b.Changes)
	u.read(p, err)
	if bad, ok := errors.AsType[*policy.InvalidError](err); ok && !bad.Missing() {
		return nil, errors.New(objects.PolicyFile + " is invalid: vpnctl validate lists its problems")
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// reconcilePolicy is the configured policy; budget bounds its waits unless it is
// negative. Somebody waits for an answer then. Wakes says whether wake-ups can be set.
func (f *Function) reconcilePolicy(budget time.Duration, wakes bool) reconcile.Policy {
	p := reconcile.DefaultPolicy()
	p.WaitBudget, p.MaxLanes, p.PlanDryRun = f.cfg.WaitBudget, f.cfg.MaxLanes, f.cfg.PlanDryRun
	p.Wakes = wakes
	f.opts.Reconcile(&p)
	if budget >= 0 {
		p.WaitBudget, p.LeaveUndos = min(p.WaitBudget, budget), true
	}
	return p
}

// outbox sends answers to chat platforms.
func (f *Function) outbox(b Buckets, records *record.Records, read policyReader, claim func(context.Context, string, string) (bool, error), later func(change.Target, time.Time), log *slog.Logger) *notify.Outbox {
	p := notify.DefaultPolicy()
	f.opts.Outbox(&p)
	return notify.New(notify.Deps{
		Bucket: b.Changes, Records: records, Platforms: f.cfg.Platforms, Client: f.opts.Chat,
		Render: read.render(f.opts.Now, f.cfg.TimeZone), RenderReminder: read.remind(f.opts.Now, f.cfg.TimeZone), Undo: undoIn(b.Changes), Claim: claim, Later: later, Now: f.opts.Now, Jitter: f.opts.Jitter, Log: log,
	}, p)
}

// undoIn gives the function that finds an undo in the queue.
func undoIn(changes Bucket) func(context.Context, string) (time.Time, bool, error) {
	return func(ctx context.Context, id string) (time.Time, bool, error) {
		e, err := queue.New(changes).Find(ctx, id)
		switch {
		case errors.Is(err, blob.ErrNotFound):
			return time.Time{}, false, nil
		case err != nil:
			return time.Time{}, false, err
		}
		return e.UndoAt(e.CastVotes()), true, nil
	}
}

// remind gives the function that reminds of a change that is to be confirmed.
func (read policyReader) remind(now func() time.Time, fallback *time.Location) func(context.Context, record.Record, time.Time, lang.Reader) chat.Text {
	return func(ctx context.Context, rec record.Record, due time.Time, l lang.Reader) chat.Text {
		return writer(l, now(), fallback).HalfTime(rec, due, read.nameOf(ctx, rec))
	}
}

// writer writes for a reader; fallback is the zone of readers whose own is not known.
func writer(r lang.Reader, now time.Time, fallback *time.Location) wording.Writer {
	return wording.In(r.Lang).At(now, cmp.Or(zone.Load(r.Zone), fallback))
}

// render gives the function that describes how a change ended. It names the server as
// the policy does, or by its id where the policy cannot be read.
func (read policyReader) render(now func() time.Time, fallback *time.Location) func(context.Context, record.Record, lang.Reader) chat.Text {
	return func(ctx context.Context, rec record.Record, l lang.Reader) chat.Text {
		return writer(l, now(), fallback).Record(rec, read.nameOf(ctx, rec))
	}
}

// nameOf is the name of a record's server in the policy; "" where the policy cannot be
// read.
func (read policyReader) nameOf(ctx context.Context, rec record.Record) string {
	p, err := read(ctx)
	if err != nil {
		return ""
	}
	return p.NameOf(change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID})
}
