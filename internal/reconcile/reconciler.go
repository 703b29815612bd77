package reconcile

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
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
	Advisory
}

// Advisory are the calls that inform people. No change waits for them, and none fails
// because of them.
type Advisory interface {
	DescribeClients(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Connections, error)
	DescribeClientCerts(ctx context.Context, t change.Target) ([]sslvpn.Certificate, error)
	DescribeVPC(ctx context.Context, ref sslvpn.VPCRef) (sslvpn.VPC, error)
	DryRun(ctx context.Context, m sslvpn.Modification) error
}

// Outbox stores pending notifications.
type Outbox interface {
	// Add stores that the end of a change is to be sent to each of the addresses,
	// which are as the queue stores them. The change's record may not be there yet.
	// Storing the same again is success.
	Add(ctx context.Context, t change.Target, id string, replies []json.RawMessage) error
	// Remind stores that the addresses are to be reminded of a change half way until it
	// is undone, unless the undo has ended by then. Storing the same again is success.
	Remind(ctx context.Context, t change.Target, undo, of string, due time.Time, replies []json.RawMessage) error
	// Recorded says that the record is there. It does not block.
	Recorded(id string)
}

// Policy has the times and sizes that a reconciler goes by. DefaultPolicy is for
// production.
type Policy struct {
	WaitBudget  time.Duration // longest in-process wait for one lane, in total
	FreeWait    time.Duration // how long an invocation waits without Deps.Permit
	MaxLanes    int           // lanes drained concurrently by one invocation
	LongQueue   int           // a lane with more due changes is acquired before they are read
	CallTime    time.Duration // a modification is not sent with less time than this left
	Lease       time.Duration // how long a lease lasts; it is renewed when a third of it is over
	Margin      time.Duration // how long a lease outlasts the call of a modification, and the invocation's deadline at most
	FirstPoll   time.Duration // ceiling of the first wait between two looks at a gateway
	MaxPoll     time.Duration // ceiling of later waits
	MaxThrottle time.Duration // ceiling of waits for an API that throttles
	ShortWait   time.Duration // with Wakes: longest in-process wait for one lane, in total
	QuickLook   time.Duration // with Wakes: when a gateway is looked at after a modification, before its lane is left
	MinPoll     time.Duration // with Wakes: least time between two looks at a gateway that is waited for
	MaxWakePoll time.Duration // with Wakes: the longest
	NextLook    time.Duration // when a lane that waits is looked at again: the sweep's period
	StartDelay  time.Duration // how late a gateway may begin to work on what was accepted
	Doubt       time.Duration // how long a read-back may differ before the modification counts as failed
	Settle      time.Duration // how long a modification that may have been sent is looked for, if the policy refuses that it is sent again
	FirstPause  time.Duration // between the first two sends of one intent, at least
	MaxPause    time.Duration // between later ones
	LongPause   time.Duration // a longer pause is left to the sweep, so that the changes can be cancelled
	Landing     time.Duration // how late a modification may take effect after the API answered it with an error
	LateLanding time.Duration // how late after a send that was not answered
	Answers     int           // after so many errors of the API its answer counts as final,
	AnswersTime time.Duration // if they came over so long a time
	Return      time.Duration // how long after a change clients may take to return: until then, they are not counted
	// PollsPerSecond bounds the looks of wake-ups at the gateways of a region.
	PollsPerSecond int
	// Wakes says that wake-ups can be set: long waits are then spent between invocations,
	// and Report.WakeAt says when the lane is to be looked at again.
	Wakes bool
	// LeaveUndos leaves an undo that is due soon to the sweep, where somebody waits for
	// this invocation's answer.
	LeaveUndos bool
	// PlanDryRun has the API check what a plan would send, too.
	PlanDryRun bool
}

// DefaultPolicy is the policy for production, but for the two values that are
// configured: WaitBudget and MaxLanes.
func DefaultPolicy() Policy {
	return Policy{
		WaitBudget:  4 * time.Minute,
		FreeWait:    15 * time.Second,
		MaxLanes:    8,
		LongQueue:   parallel,
		CallTime:    10 * time.Second,
		Lease:       45 * time.Second,
		Margin:      15 * time.Second,
		FirstPoll:   sslvpn.PollFirst,
		MaxPoll:     sslvpn.PollMax,
		MaxThrottle: 15 * time.Second,
		ShortWait:   2 * time.Second,
		QuickLook:   250 * time.Millisecond,
		MinPoll:     2 * time.Second,
		MaxWakePoll: 15 * time.Second,
		NextLook:    time.Minute,
		StartDelay:  time.Second,
		Doubt:       10 * time.Second,
		Settle:      5 * time.Minute,
		FirstPause:  5 * time.Second,
		MaxPause:    5 * time.Minute,
		LongPause:   15 * time.Second,
		Landing:     10 * time.Second,
		LateLanding: 2 * time.Minute,
		Answers:     5,
		AnswersTime: 10 * time.Minute,
		Return:      2 * time.Minute,

		PollsPerSecond: 8, // of the 10 that DescribeVpnGateway's quota allows
	}
}

// parallel is how many requests a drain has under way at once.
const parallel = 16

// minCalls is how many calls an invocation must have time for.
const minCalls = 3

// Deps are what a reconciler works with, for one invocation.
type Deps struct {
	Bucket  Bucket
	Records *record.Records
	Outbox  Outbox // nil: nobody is notified
	Proofs  Proofs // nil: no server is looked at
	// Permissions reads the policy as it is now. Its error is for people, and is stored.
	// Nil: everything is permitted.
	Permissions func(context.Context) (Permissions, error)
	// Permit is asked before an invocation waits for longer than Policy.FreeWait: each
	// occupies an instance. Nil: it may.
	Permit WaitPermit
	// Wake is called for every drain whose report says when its lane is to be woken, as
	// soon as the drain has ended. It does not block. Nil: nobody wakes lanes.
	Wake      func(Report)
	API       func(observe func(sslvpn.Call)) API // a client that reports every call
	Owner     string                              // the platform's request id
	Version   string                              // of the function, for records
	Memory    *Memory                             // the instance's; nil for this invocation's own
	AccountID string                              // for hints that name a resource; may be ""
	Deadline  time.Time                           // when the platform ends the invocation
	Reserve   time.Duration                       // kept free before Deadline for the last writes
	// NameOf is the name of a server for log lines, without a request; nil: its id.
	NameOf func(change.Target) string
	Now    func() time.Time
	Nonce  func() string  // a fresh random text each time
	Jitter func() float64 // random in [0, 1), for waits; nil for a random source of its own
	Log    *slog.Logger
}

// Reconciler works off lanes during one invocation.
type Reconciler struct {
	deps   Deps
	limits limits
	queue  *queue.Queue
	permit *permit
	places places
}

// New makes a reconciler for one invocation.
func New(d Deps, p Policy) *Reconciler {
	if d.Memory == nil {
		d.Memory = &Memory{}
	}
	l := limits{policy: p, now: d.Now, deadline: d.Deadline, reserve: d.Reserve}
	if p.Wakes {
		d.Permit = nil // no invocation waits for long
	}
	// A short invocation gives a call less time, so that it can make one at all.
	if left := l.left(); p.CallTime > left/minCalls {
		l.policy.CallTime = max(left/minCalls, time.Second)
	}
	// Right after a third of a lease, a modification can still be sent.
	l.policy.Lease = max(p.Lease, (p.Margin+p.CallTime)*3/2)
	return &Reconciler{deps: d, limits: l, queue: queue.New(d.Bucket), permit: newPermit(p.FreeWait, d.Permit), places: newPlaces(p)}
}

// worker is this invocation as lanes know it.
func (d Deps) worker() lane.Worker {
	return lane.Worker{Store: d.Bucket, Owner: d.Owner, Now: d.Now, Nonce: d.Nonce, Memory: &d.Memory.lanes}
}

// nameOf is the name of a server for log lines; "" for its id.
func (d Deps) nameOf(t change.Target) string {
	if d.NameOf == nil {
		return ""
	}
	return d.NameOf(t)
}

// remote is a server as the API shows it; observe is called for every call.
func (r *Reconciler) remote(t change.Target, log *slog.Logger, observe func(sslvpn.Call)) *remote {
	return &remote{api: r.deps.API(observe), target: t, accountID: r.deps.AccountID, limits: r.limits, log: log}
}

// remembered is the state of a lane, and its newest generation.
func (r *Reconciler) remembered(ctx context.Context, t change.Target) (state, lane.Head, error) {
	head, err := lane.Open(r.deps.worker(), t).Head(ctx)
	if err != nil {
		return state{}, lane.Head{}, err
	}
	st, err := readState(head)
	return st, head, err
}
