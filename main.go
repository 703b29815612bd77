// Command main is the function: Function Compute starts it once per instance
// and has it answer invocations. It is the composition root and nothing else.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fc"
	"golang.org/x/sync/errgroup"

	"sslvpnchange/handler"
	"sslvpnchange/internal/blob/oss"
	"sslvpnchange/internal/breaker"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/config"
	"sslvpnchange/internal/executor"
	"sslvpnchange/internal/intake"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/notify"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
	"sslvpnchange/internal/secret"
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
	o := handler.Options{Open: in.open, Bucket: cfg.ChangeBucket, Platforms: cfg.Platforms, ChatClient: in.client, Now: time.Now, Log: log}
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

	asking  sync.Mutex // holds what follows
	guarded bool       // the buckets were found fit
}

// open sets the services up for one invocation.
func (in *instance) open(ctx context.Context, inv handler.Invocation) (handler.Services, error) {
	changes, records, err := in.buckets(inv)
	if err != nil {
		return handler.Services{}, err
	}
	log := in.log.With(slog.String("request_id", inv.RequestID))
	creds := sslvpn.Credentials{
		AccessKeyID: inv.AccessKeyID, AccessKeySecret: secret.New(inv.AccessKeySecret), SecurityToken: secret.New(inv.SecurityToken),
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
	fit := func(ctx context.Context) error { return in.fit(ctx, inv, changes, records) }
	s := handler.Services{
		Fit: fit,
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
	s.Executor = func() *executor.Executor {
		return executor.New(executor.Deps{
			Intake: s.Intake, Reconciler: s.Reconciler(0), Records: rec, Policy: permitted,
			Fit: fit, Prepare: func(ctx context.Context) { in.prepare(ctx, inv, changes) },
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

// buckets gives the stores of this invocation. It sends nothing.
func (in *instance) buckets(inv handler.Invocation) (changes, records *oss.Store, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.connector == nil {
		in.connector, err = oss.NewConnector(oss.Config{Region: inv.Region, Endpoint: in.cfg.OSSEndpoint})
		if err != nil {
			return nil, nil, err
		}
	}
	creds := oss.Credentials{
		AccessKeyID: inv.AccessKeyID, AccessKeySecret: secret.New(inv.AccessKeySecret), SecurityToken: secret.New(inv.SecurityToken),
	}
	if changes, err = in.connector.Bucket(in.cfg.ChangeBucket, creds); err != nil {
		return nil, nil, err
	}
	records = changes
	if in.cfg.RecordBucket != in.cfg.ChangeBucket {
		records, err = in.connector.Bucket(in.cfg.RecordBucket, creds)
	}
	return changes, records, err
}

// fit checks the buckets, once per instance: create-only writes are worth
// nothing in a bucket that ever had versioning.
func (in *instance) fit(ctx context.Context, inv handler.Invocation, changes, records *oss.Store) error {
	in.asking.Lock()
	defer in.asking.Unlock()
	if in.guarded {
		return nil
	}
	// A store that hangs must leave the invocation time to say so.
	ctx, cancel := context.WithDeadline(ctx, inv.Deadline.Add(-inv.Reserve))
	defer cancel()
	var g errgroup.Group // each to its end: what it says must not depend on the other
	if records != changes {
		g.Go(func() error {
			if err := records.Guard(ctx); err != nil {
				return fmt.Errorf("RECORD_BUCKET: %w", err)
			}
			return nil
		})
	}
	if err := changes.Guard(ctx); err != nil {
		return errors.Join(fmt.Errorf("CHANGE_BUCKET: %w", err), g.Wait())
	}
	if err := g.Wait(); err != nil {
		return err
	}
	in.guarded = true
	return nil
}

// prepare reads the hold of the function's own region, which the first call of
// its API would wait for. Whatever goes wrong is that call's to say.
func (in *instance) prepare(ctx context.Context, inv handler.Invocation, changes *oss.Store) {
	if err := in.breakers.Region(inv.Region).Restore(ctx, changes); err != nil {
		in.log.DebugContext(ctx, "the hold was not read ahead", slog.Any("error", err))
	}
}
