package reconcile

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/record"
	"sslvpnchange/internal/sslvpn"
)

// Bucket is what this package needs of the object store; see package blob for
// what each method promises.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Head(ctx context.Context, key string) (blob.Entry, error)
	Create(ctx context.Context, key string, data []byte) error
	Put(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// API is what this package needs of the VPC API. Every error is a
// *sslvpn.Error. Reads are retried in place by the client, modifications
// never.
type API interface {
	DescribeServer(ctx context.Context, t change.Target) (sslvpn.Server, error)
	DescribeGateway(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Gateway, error)
	ModifyServer(ctx context.Context, m sslvpn.Modification) (sslvpn.ModifyReply, error)
}

// Outbox is where answers wait that are owed to whoever asked.
type Outbox interface {
	// Owe notes that the end of a change is to be told to each of the addresses,
	// which are as the queue keeps them. The change's record may not be there yet.
	// Owing the same again is success.
	Owe(ctx context.Context, t change.Target, id string, replies []json.RawMessage) error
	// Recorded says that the record is there. It does not wait for anybody.
	Recorded(id string)
}

// Policy is how patient a reconciler is. DefaultPolicy is for production.
type Policy struct {
	WaitBudget  time.Duration // longest in-process wait for one lane, in all
	MaxLanes    int           // lanes drained at once by one invocation
	LongLine    int           // a line of more changes is taken before it is read
	CallTime    time.Duration // a modification is not started with less time than this left
	Margin      time.Duration // how long a hold outlives the invocation's deadline
	FirstPoll   time.Duration // ceiling of the first wait between two looks at a gateway
	MaxPoll     time.Duration // ceiling of later waits
	MaxThrottle time.Duration // ceiling of waits for an API that asks for fewer calls
	NextLook    time.Duration // when a lane that waits is looked at again: the sweep's period
	Settle      time.Duration // how late a gateway may begin to work on what it accepted
	Doubt       time.Duration // how long a read-back may differ before the modification counts as failed
}

// DefaultPolicy is the policy for production, but for the two values that are
// configured: WaitBudget and MaxLanes.
func DefaultPolicy() Policy {
	return Policy{
		WaitBudget:  4 * time.Minute,
		MaxLanes:    8,
		LongLine:    parallel,
		CallTime:    10 * time.Second,
		Margin:      15 * time.Second,
		FirstPoll:   sslvpn.PollFirst,
		MaxPoll:     sslvpn.PollMax,
		MaxThrottle: 15 * time.Second,
		NextLook:    time.Minute,
		Settle:      time.Second,
		Doubt:       10 * time.Second,
	}
}

// minCalls is how many calls an invocation must have time for.
const minCalls = 3

// Deps is what a reconciler works with, for one invocation.
type Deps struct {
	Bucket    Bucket
	Records   *record.Records
	Outbox    Outbox                              // nil: nobody is told
	API       func(observe func(sslvpn.Call)) API // a client that tells of every call
	Owner     string                              // the platform's request id
	Memory    *Memory                             // the instance's; nil for this invocation's own
	AccountID string                              // for hints that name a resource; may be ""
	Deadline  time.Time                           // when the platform ends the invocation
	Reserve   time.Duration                       // kept free before Deadline for writing down where things stand
	Now       func() time.Time
	Nonce     func() string  // a fresh random text each time
	Jitter    func() float64 // random in [0, 1), for waits; nil for a random source of its own
	Log       *slog.Logger
}

// Reconciler works off lanes during one invocation.
type Reconciler struct {
	Deps

	policy Policy
	queue  *queue.Queue
}

// New gives a reconciler for one invocation.
func New(d Deps, p Policy) *Reconciler {
	if d.Memory == nil {
		d.Memory = &Memory{}
	}
	// A short invocation gives a call less time rather than never making one.
	if left := d.Deadline.Sub(d.Now()) - d.Reserve; p.CallTime > left/minCalls {
		p.CallTime = max(left/minCalls, time.Second)
	}
	return &Reconciler{Deps: d, policy: p, queue: queue.New(d.Bucket)}
}

// worker is this invocation as chains know it.
func (r *Reconciler) worker(store lane.Store) lane.Worker {
	return lane.Worker{Store: store, Owner: r.Owner, Now: r.Now, Nonce: r.Nonce}
}

// left is the time that work may still take.
func (r *Reconciler) left() time.Duration {
	return r.Deadline.Sub(r.Now()) - r.Reserve
}
