package function

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/approval"
	"github.com/sslvpn-change/sslvpn-change/internal/breaker"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/config"
	"github.com/sslvpn-change/sslvpn-change/internal/digest"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/proof"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
	"github.com/sslvpn-change/sslvpn-change/internal/wakeup"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// callTimeout bounds one call of the VPC API. It is shorter than the time that a
// worker allows for a call, so that a call that hangs counts as a failure of the
// API.
const callTimeout = 8 * time.Second

// Bucket is one bucket of the function, opened with the credentials of one
// invocation. Preflight fails when the bucket cannot carry create-only writes.
type Bucket interface {
	intake.Bucket

	Preflight(ctx context.Context) error
}

// Buckets are the buckets of one invocation; both fields hold the same value
// where one bucket serves for both.
type Buckets struct {
	Changes Bucket
	Records Bucket
}

// Options replace what an instance takes from its surroundings. Each field that
// is nil or zero stands for what production uses.
type Options struct {
	// Version is the version of the program, and Commit its commit: see package version.
	Version, Commit string
	Now             func() time.Time // time.Now
	Nonce           func() string    // a fresh random text each time: rand.Text
	Jitter          func() float64   // in [0, 1), for waits: a random source of each package
	// Skew is how far Now is ahead of the clock by which contexts end.
	Skew time.Duration
	// Buckets opens the buckets of an invocation and sends nothing: OSS.
	Buckets func(handler.Invocation) (Buckets, error)
	// API is the VPC API for an invocation. It calls observe after every call.
	API func(inv handler.Invocation, observe func(sslvpn.Call)) breaker.API
	// Chat sends requests to chat platforms.
	Chat chat.Doer
	// Prober probes servers. Without API nil stands for a prober of production; with it,
	// nothing is probed.
	Prober proof.Prober
	// CallTimeout bounds one call of the VPC API; used only without API.
	CallTimeout time.Duration
	// Reconcile and Outbox alter the policies of production.
	// Wakes has the platform invoke the function of an invocation later: Function Compute's
	// API. With Buckets nil stands for nobody; then waits are spent in process.
	Wakes     func(handler.Invocation) wakeup.Invoker
	Reconcile func(*reconcile.Policy)
	Outbox    func(*notify.Policy)
	Approvals func(*approval.Times)
}

// Function is one instance. It is safe for concurrent use.
//
// It keeps connections, breakers and what it learned about its buckets. It
// keeps no credentials: every invocation brings its own.
type Function struct {
	*handler.Handler

	cfg      config.Config
	opts     Options
	log      *slog.Logger
	store    *objectStore   // nil where Options.Buckets replaces it
	api      *sslvpn.Client // nil where Options.API replaces it
	breakers *breaker.Set
	policies *policy.Store
	memory   reconcile.Memory
	asked    lane.Memory // of the chains of approval requests
	woken    wakeup.Memory
	waking   *wakeup.Client // nil where Options.Wakes replaces it, or nobody wakes lanes
	digested digest.Memory

	preflighting sync.Mutex // guards what follows
	fit          bool       // the buckets passed the preflight
}

// New gives an instance. It fails for a configuration that cannot work.
func New(cfg config.Config, log *slog.Logger, o Options) (*Function, error) {
	f := &Function{cfg: cfg, opts: o, log: log, breakers: breaker.New(log)}
	if err := f.fill(); err != nil {
		return nil, err
	}
	f.policies = policy.NewStore(f.opts.Now, cfg.NoPolicy)
	ho := handler.Options{Open: f.open, Bucket: cfg.ChangeBucket, Platforms: cfg.Platforms, ChatClient: f.opts.Chat, Zone: cfg.TimeZone, Zones: cfg.Zones, Version: o.Version, Commit: o.Commit, StartedAt: f.opts.Now(), Now: f.opts.Now, Log: log}
	if len(cfg.Senders) > 0 {
		var err error
		if ho.Verifier, err = webhook.NewVerifier(cfg.Senders, f.opts.Now); err != nil {
			return nil, err
		}
	}
	f.Handler = handler.New(ho)
	return f, nil
}

// fill gives every option that is missing the value of production.
func (f *Function) fill() error {
	o := &f.opts
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Nonce == nil {
		o.Nonce = rand.Text
	}
	if o.Reconcile == nil {
		o.Reconcile = func(*reconcile.Policy) {}
	}
	if o.Outbox == nil {
		o.Outbox = func(*notify.Policy) {}
	}
	if o.Approvals == nil {
		o.Approvals = func(*approval.Times) {}
	}
	if err := f.fillWakes(); err != nil {
		return err
	}
	if o.Buckets == nil {
		f.store = &objectStore{cfg: f.cfg}
		o.Buckets = f.store.open
	}
	if o.Chat == nil {
		client, err := notify.NewClient(notify.ClientOptions{Loopback: f.cfg.ChatEndpoint})
		if err != nil {
			return err
		}
		o.Chat = client
	}
	if o.API != nil {
		return nil
	}
	if o.Prober == nil {
		o.Prober = probe.New()
	}
	if o.CallTimeout == 0 {
		o.CallTimeout = callTimeout
	}
	var err error
	if f.api, err = sslvpn.New(sslvpn.Config{Endpoint: f.cfg.VPCEndpoint, CallTimeout: o.CallTimeout}); err != nil {
		return err
	}
	o.API = func(inv handler.Invocation, observe func(sslvpn.Call)) breaker.API {
		return f.api.In(f.regions(inv)).With(sslvpn.Credentials{
			AccessKeyID: inv.AccessKeyID, AccessKeySecret: inv.AccessKeySecret, SecurityToken: inv.SecurityToken,
		}, observe)
	}
	return nil
}

// regions are those whose servers may be changed. The function's own region is one,
// however new it is: the platform names it.
func (f *Function) regions(inv handler.Invocation) change.Regions {
	return f.cfg.Regions.With(inv.Region)
}

// Close ends the connections that the instance keeps. The program never calls
// it: the platform ends the process.
func (f *Function) Close() {
	if f.store != nil {
		f.store.close()
	}
	if f.waking != nil {
		f.waking.CloseIdleConnections()
	}
	if f.api != nil {
		f.api.CloseIdleConnections()
	}
}
