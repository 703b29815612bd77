// Command main is the function: Function Compute starts it once per instance
// and has it answer invocations. It is the composition root and nothing else.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fc"

	"sslvpnchange/handler"
	"sslvpnchange/internal/blob/oss"
	"sslvpnchange/internal/breaker"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/config"
	"sslvpnchange/internal/desk"
	"sslvpnchange/internal/intake"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/notify"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
	"sslvpnchange/internal/sslvpn"
	"sslvpnchange/internal/webhook"
	"sslvpnchange/internal/wording"
)

func main() {
	level := new(slog.LevelVar)
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level}))
	cfg, err := config.Load(os.LookupEnv)
	if err != nil {
		// The process stays: one that ends at once is started again for ever, and
		// nobody is told why.
		log.Error("configuration refused", slog.Any("error", err))
		fc.Start(handler.Misconfigured(err, log))
		return
	}
	level.Set(cfg.LogLevel)
	h, err := compose(cfg, log)
	if err != nil {
		log.Error("configuration refused", slog.Any("error", err))
		fc.Start(handler.Misconfigured(err, log))
		return
	}
	fc.Start(h.Handle)
}

// compose builds what lives as long as the instance.
func compose(cfg config.Config, log *slog.Logger) (*handler.Handler, error) {
	api, err := sslvpn.New(sslvpn.Config{
		Endpoint: cfg.VPCEndpoint,
		// Below the time that a worker gives a call, so that a call that hangs is
		// the API's failure and not the worker's haste.
		CallTimeout: 8 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	in := &instance{cfg: cfg, log: log, api: api, breakers: breaker.New(log), policies: policy.NewStore(time.Now)}
	if in.client, err = notify.NewClient(notify.ClientOptions{Loopback: cfg.ChatEndpoint}); err != nil {
		return nil, err
	}
	o := handler.Options{Open: in.open, Bucket: cfg.ChangeBucket, Platforms: cfg.Platforms, Now: time.Now, Log: log}
	if len(cfg.Senders) > 0 {
		if o.Verifier, err = webhook.NewVerifier(cfg.Senders, time.Now); err != nil {
			return nil, err
		}
	}
	return handler.New(o), nil
}

// instance is what the function keeps between invocations: connections,
// breakers, and what it has found out about its buckets. Credentials are not
// among it: each invocation brings fresh ones.
type instance struct {
	cfg      config.Config
	log      *slog.Logger
	api      *sslvpn.Client
	breakers *breaker.Set
	policies *policy.Store
	client   *notify.Client // to chat platforms
	memory   reconcile.Memory

	mu        sync.Mutex
	connector *oss.Connector // made in the first invocation, which says the region
	guarded   bool           // the buckets were found fit
}

// open sets the services up for one invocation.
func (in *instance) open(ctx context.Context, inv handler.Invocation) (handler.Services, error) {
	changes, records, err := in.buckets(ctx, inv)
	if err != nil {
		return handler.Services{}, err
	}
	log := in.log.With(slog.String("request_id", inv.RequestID))
	creds := sslvpn.Credentials{
		AccessKeyID: inv.AccessKeyID, AccessKeySecret: inv.AccessKeySecret, SecurityToken: inv.SecurityToken,
	}
	rec := record.NewRecords(records)
	deps := reconcile.Deps{
		Bucket: changes, Records: rec, Owner: inv.RequestID, Memory: &in.memory, AccountID: inv.AccountID,
		Deadline: inv.Deadline, Reserve: inv.Reserve, Now: time.Now, Nonce: rand.Text, Log: log,
		API: func(observe func(sslvpn.Call)) reconcile.API {
			return in.breakers.Guard(in.api.With(creds, observe), changes)
		},
	}
	permitted := func(ctx context.Context) (*policy.Policy, error) { return in.policies.Policy(ctx, changes) }
	s := handler.Services{
		Intake: intake.New(intake.Deps{
			Bucket: changes, BucketName: in.cfg.ChangeBucket, Records: rec, Policy: permitted,
			Owner: inv.RequestID, Now: time.Now, Log: log,
		}),
	}
	if len(in.cfg.Platforms) > 0 {
		s.Outbox = notify.New(notify.Deps{
			Bucket: changes, Records: rec, Platforms: in.cfg.Platforms, Client: in.client,
			Render: in.ending(permitted), Now: time.Now, Log: log,
		}, notify.DefaultPolicy())
		s.Owed = notify.NewOwed(ctx, s.Outbox)
		deps.Outbox = s.Owed
	}
	s.Reconciler = func(budget time.Duration) *reconcile.Reconciler {
		p := reconcile.DefaultPolicy()
		p.WaitBudget, p.MaxLanes = in.cfg.WaitBudget, in.cfg.MaxLanes
		if budget >= 0 {
			p.WaitBudget = min(p.WaitBudget, budget)
		}
		return reconcile.New(deps, p)
	}
	s.Desk = func() *desk.Desk {
		return desk.New(desk.Deps{
			Intake: s.Intake, Reconciler: s.Reconciler(0), Records: rec, Policy: permitted,
			Region: inv.Region, Now: time.Now, Log: log,
		})
	}
	return s, nil
}

// ending says in words how a change ended, with the name that the policy gives
// its server.
func (in *instance) ending(permitted func(context.Context) (*policy.Policy, error)) func(context.Context, record.Record, lang.Tag) chat.Text {
	return func(ctx context.Context, rec record.Record, l lang.Tag) chat.Text {
		name := ""
		if p, err := permitted(ctx); err == nil {
			name = p.NameOf(change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID})
		}
		return wording.In(l).Record(rec, name)
	}
}

// buckets gives the stores of this invocation, checked once per instance:
// create-only writes are worth nothing in a bucket that ever had versioning.
func (in *instance) buckets(ctx context.Context, inv handler.Invocation) (changes, records *oss.Store, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.connector == nil {
		in.connector, err = oss.NewConnector(oss.Config{Region: inv.Region, Endpoint: in.cfg.OSSEndpoint})
		if err != nil {
			return nil, nil, err
		}
	}
	creds := oss.Credentials{
		AccessKeyID: inv.AccessKeyID, AccessKeySecret: inv.AccessKeySecret, SecurityToken: inv.SecurityToken,
	}
	if changes, err = in.connector.Bucket(in.cfg.ChangeBucket, creds); err != nil {
		return nil, nil, err
	}
	records = changes
	if in.cfg.RecordBucket != in.cfg.ChangeBucket {
		if records, err = in.connector.Bucket(in.cfg.RecordBucket, creds); err != nil {
			return nil, nil, err
		}
	}
	if in.guarded {
		return changes, records, nil
	}
	// A store that hangs must leave the invocation time to say so.
	ctx, cancel := context.WithDeadline(ctx, inv.Deadline.Add(-inv.Reserve))
	defer cancel()
	if err := changes.Guard(ctx); err != nil {
		return nil, nil, fmt.Errorf("CHANGE_BUCKET: %w", err)
	}
	if records != changes {
		if err := records.Guard(ctx); err != nil {
			return nil, nil, fmt.Errorf("RECORD_BUCKET: %w", err)
		}
	}
	in.guarded = true
	return changes, records, nil
}
