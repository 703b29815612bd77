package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// Bucket is what this package needs of the object store. Package blob specifies
// the methods.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	Put(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// API is what this package needs of the VPC API. Every error is a *sslvpn.Error.
type API interface {
	DescribeServer(ctx context.Context, t change.Target) (sslvpn.Server, error)
	DescribeGateway(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Gateway, error)
	DescribeClients(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Connections, error)
}

// Prober probes a server.
type Prober interface {
	Probe(ctx context.Context, t probe.Target, rule probe.Rule) probe.Outcome
}

// Undoer undoes a change at once. Undoing it again is success.
type Undoer interface {
	Undo(ctx context.Context, t change.Target, changeID string) error
}

// Deps are the dependencies for one invocation.
type Deps struct {
	Bucket  Bucket
	Records *record.Records
	API     func(observe func(sslvpn.Call)) API // a client that reports every call
	Prober  Prober
	// Loopback says that the servers are those of the local cloud. VPC is the VPC that
	// the function is in: private gateways of this VPC are probed, no others.
	Loopback bool
	VPC      string
	// Undo undoes changes with "confirm: proof"; nil: none is undone.
	Undo Undoer
	// Tell sends a proof to the addresses of a change, which are as the queue stores
	// them. Telling the same again is success. Nil: nobody is told.
	Tell func(ctx context.Context, t change.Target, p record.Proof, replies []json.RawMessage) error
	Now  func() time.Time
	Log  *slog.Logger
}

// Policy has the times of a proof. DefaultPolicy is for production.
type Policy struct {
	Before   time.Duration // a look before a modification, for which the lane waits
	After    time.Duration // a look after it
	Interval time.Duration // between two looks of one invocation
	Follow   time.Duration // how long one invocation goes on looking
	Fresh    time.Duration // a younger pending proof is left to the invocation that wrote it
	Bound    time.Duration // after the verification the proof is final
	Refusals int           // so many refused probes
	Refusing time.Duration // over so long a time have a change undone
	AtOnce   int           // servers that are looked at concurrently
}

// DefaultPolicy is the policy for production.
func DefaultPolicy() Policy {
	return Policy{
		Before: time.Second, After: 3 * time.Second, Interval: 3 * time.Second, Follow: 15 * time.Second, Fresh: 20 * time.Second,
		Bound: 2 * time.Minute, Refusals: 4, Refusing: 8 * time.Second, AtOnce: 8,
	}
}

// Proofs looks at servers during one invocation. It is safe for concurrent use.
type Proofs struct {
	Deps

	api        API // of the looks after changes, whose calls are not counted
	policy     Policy
	invocation context.Context //nolint:containedctx // looks outlive the drains, whose contexts end earlier

	wait  sync.WaitGroup
	slots chan struct{}
	mu    sync.Mutex
	open  map[string]entry // by change: stored, not looked at yet
	errs  []error
}

// New makes the proofs of the invocation with the context ctx.
func New(ctx context.Context, d Deps, p Policy) *Proofs {
	return &Proofs{Deps: d, api: d.API(func(sslvpn.Call) {}), policy: p, invocation: ctx, slots: make(chan struct{}, p.AtOnce), open: map[string]entry{}}
}

// Asked is a change that was applied and asks for a proof.
type Asked struct {
	Target     change.Target
	ID         string
	GatewayID  string
	Settings   change.Settings // that the server has now
	Before     record.Look     // zero when the server was not looked at
	SentAt     time.Time       // not later than the modification was sent
	VerifiedAt time.Time
	Undo       bool              // if the proof fails
	Replies    []json.RawMessage // whom to tell
}

// Before looks at a server right before a modification is sent, for a second at
// most. It calls observe after every call of the API, one at a time.
func (p *Proofs) Before(ctx context.Context, ref sslvpn.GatewayRef, s change.Settings, observe func(sslvpn.Call)) record.Look {
	api := p.API(observe)
	ctx, cancel := context.WithTimeout(ctx, p.policy.Before)
	defer cancel()
	g, l := p.gateway(ctx, api, ref)
	if l.Probe == "" {
		l = p.look(ctx, api, g, placeOf(s)).Look
	}
	return l
}

// Add stores that a server is to be looked at after a change. Storing the same
// again is success.
func (p *Proofs) Add(ctx context.Context, a Asked) error {
	e := newEntry(a)
	data, err := e.encode()
	if err != nil {
		return err
	}
	if err := p.Bucket.Create(ctx, e.key(), data); err != nil && !errors.Is(err, blob.ErrExists) {
		return fmt.Errorf("store the pending proof of %s: %w", a.ID, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[a.ID] = e
	return nil
}

// Recorded begins to look after changes of one server whose records are written. It
// does not block. If many servers are looked at, it leaves them to the sweep.
func (p *Proofs) Recorded(ids ...string) {
	var group []*entry
	p.mu.Lock()
	for _, id := range ids {
		if e, ok := p.open[id]; ok {
			group = append(group, &e)
			delete(p.open, id)
		}
	}
	p.mu.Unlock()
	if len(group) == 0 {
		return
	}
	select {
	case p.slots <- struct{}{}:
		p.run(func() error {
			defer func() { <-p.slots }()
			return p.follow(p.invocation, group)
		})
	default:
	}
}

// Later leaves the looks after a change to the sweep: for an invocation that answers
// somebody and ends then.
type Later struct{ *Proofs }

// Recorded does nothing.
func (Later) Recorded(...string) {}

// run does something concurrently and keeps its error.
func (p *Proofs) run(do func() error) {
	p.wait.Go(func() {
		var err error
		defer func() {
			if v := recover(); v != nil { // the edge recovers only its own goroutine
				err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			p.errs = append(p.errs, err)
		}()
		err = do()
	})
}

// Wait waits until everything that was begun has ended, and returns the errors. What
// failed is left to the sweep.
func (p *Proofs) Wait() error {
	p.wait.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	err := errors.Join(p.errs...)
	p.errs = nil
	return err
}

// Sweep begins to look after all changes whose proof is pending. It does not block.
func (p *Proofs) Sweep() { p.run(func() error { return p.sweep(p.invocation) }) }

// sweep lists the pending proofs and looks at their servers.
func (p *Proofs) sweep(ctx context.Context) error {
	var errs []error
	for after := ""; ; {
		page, err := p.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Proofs, After: after})
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("list the pending proofs: %w", err))...)
		}
		var keys []string
		for _, e := range page.Entries {
			if page.Now.Sub(e.LastModified) >= p.policy.Fresh {
				keys = append(keys, e.Key)
			}
		}
		errs = append(errs, p.followKeys(ctx, keys))
		if after = page.Next; after == "" || ctx.Err() != nil {
			return errors.Join(errs...)
		}
	}
}
