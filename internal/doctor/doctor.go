package doctor

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// Bucket is what this package needs of the object store. Package blob specifies the
// methods.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	Put(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
	Preflight(ctx context.Context) error
}

// Writer is a bucket that reports whether a key may be written, without writing it.
type Writer interface {
	MayPut(ctx context.Context, key string) error
}

// API is what this package needs of the VPC API, with its errors (*sslvpn.Error).
type API interface {
	DescribeServer(ctx context.Context, t change.Target) (sslvpn.Server, error)
	DescribeGateway(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Gateway, error)
	DescribeClients(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Connections, error)
	DescribeClientCerts(ctx context.Context, t change.Target) ([]sslvpn.Certificate, error)
	DescribeVPC(ctx context.Context, ref sslvpn.VPCRef) (sslvpn.VPC, error)
	DryRun(ctx context.Context, m sslvpn.Modification) error
}

// KeyGuard reports whether the role is denied the private keys of certificates.
type KeyGuard interface {
	DeniesKeys(ctx context.Context, regionID string) (bool, error)
}

// Sweep shows whether the timer's task runs.
type Sweep interface {
	MarkSweep(ctx context.Context) error
	Swept(ctx context.Context) bool
}

// Deps are what the checks of one invocation work with.
type Deps struct {
	Changes, Records Bucket // the same one where one bucket holds both
	API              API
	Keys             KeyGuard // nil: it cannot be checked
	Sweep            Sweep
	// Probe asks a server for an answer; nil: nothing is probed.
	Probe func(ctx context.Context, s sslvpn.Server) probe.Outcome
	// Invoke has the platform invoke the function after a delay of 1 s to 1 h; nil: it
	// cannot.
	Invoke    func(ctx context.Context, delay time.Duration, payload []byte) error
	RequestID string // of the invocation
	Now       func() time.Time
}

// Doctor checks the account during one invocation.
type Doctor struct{ Deps }

// New gives a doctor for one invocation.
func New(d Deps) *Doctor { return &Doctor{d} }

// Check is the name of a check: docs/assumptions.md has the statement.
type Check string

// The checks.
const (
	CreateOnly     Check = "create-only"
	NeverVersioned Check = "never-versioned"
	ReadAfterWrite Check = "read-after-write"
	ListAfterWrite Check = "list-after-write"
	ListingOrder   Check = "listing-order"
	StoreClock     Check = "store-clock"
	InstanceClock  Check = "instance-clock"
	StoreRights    Check = "store-rights"
	APIRights      Check = "api-rights"
	SurplusRights  Check = "surplus-rights"
	APIEndpoint    Check = "api-endpoint"
	ClientList     Check = "client-list"
	DryRun         Check = "dry-run"
	Delay          Check = "delay"
	Retry          Check = "retry"
	WakeTrigger    Check = "wake-trigger"
	AnswerTrigger  Check = "answer-trigger"
	SweepTimer     Check = "sweep-timer"
	UDP            Check = "udp"
	TCP            Check = "tcp"
)

// Checks lists the checks in the order in which an operator reads them.
func Checks() []Check {
	return []Check{
		CreateOnly, NeverVersioned, ReadAfterWrite, ListAfterWrite, ListingOrder, StoreClock, InstanceClock, StoreRights, APIRights, SurplusRights,
		APIEndpoint, ClientList, DryRun, Delay, Retry, WakeTrigger, AnswerTrigger, SweepTimer, UDP, TCP,
	}
}

// Outcome is what a check found.
type Outcome string

// The outcomes; the package comment says what each means.
const (
	OK         Outcome = "ok"
	Finding    Outcome = "finding"
	NotChecked Outcome = "not-checked"
	Waiting    Outcome = "waiting"
)

// Result is the result of a check.
type Result struct {
	Check   Check   `json:"check"`
	Outcome Outcome `json:"result"`
	Found   string  `json:"found"`         // what was seen, or why nothing was
	Run     string  `json:"run,omitempty"` // of what is waited for
}

// Question is a check with what it is about.
type Question struct {
	Check   Check
	Run     string          // of a result that is Waiting; "" to begin
	Servers []change.Target // that may be looked at
	Named   change.Target   // one of them, that the operator names: it may be sent a dry run; zero: none
}

// work is one check that is made.
type work struct {
	*Doctor
	Question

	run   string
	begun bool // in an earlier request
}

// Do makes one check. It ends a little before the context's deadline.
func (d *Doctor) Do(ctx context.Context, q Question) Result {
	w := &work{Doctor: d, Question: q, run: q.Run, begun: q.Run != ""}
	if w.run == "" {
		w.run = strings.ToLower(rand.Text())
	}
	out, found := w.check(ctx)
	res := Result{Check: q.Check, Outcome: out, Found: found}
	if out == Waiting {
		res.Run = w.run
	}
	return res
}

func (w *work) check(ctx context.Context) (Outcome, string) {
	switch w.Check {
	case CreateOnly:
		return w.createOnly(ctx)
	case NeverVersioned:
		return w.neverVersioned(ctx)
	case ReadAfterWrite:
		return w.readAfterWrite(ctx)
	case ListAfterWrite:
		return w.listAfterWrite(ctx)
	case ListingOrder:
		return w.listingOrder(ctx)
	case StoreClock:
		return w.storeClock(ctx)
	case InstanceClock:
		return w.instanceClock(ctx)
	case StoreRights:
		return w.storeRights(ctx)
	case APIRights:
		return w.apiRights(ctx)
	case SurplusRights:
		return w.surplusRights(ctx)
	case APIEndpoint:
		return w.apiEndpoint(ctx)
	case ClientList:
		return w.clientList(ctx)
	case DryRun:
		return w.dryRun(ctx)
	case Delay:
		return w.delay(ctx)
	case Retry:
		return w.retry(ctx)
	case WakeTrigger:
		return w.trigger(ctx, objects.DoctorWake)
	case AnswerTrigger:
		return w.trigger(ctx, objects.DoctorAnswer)
	case SweepTimer:
		return w.sweepTimer(ctx)
	case UDP:
		return w.egress(ctx, false)
	case TCP:
		return w.egress(ctx, true)
	}
	return NotChecked, "this version of the function has no such check"
}

// key is the key of an object of this run.
func (w *work) key(name string) string { return objects.DoctorKey(w.run, name) }

// clean deletes what the run has written. What is left is deleted by the sweep.
func (w *work) clean(ctx context.Context, names ...string) {
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = w.key(name)
	}
	_ = w.Changes.Delete(ctx, keys...)
}

// failed is the result of a check whose requests fail: what is checked does not work.
func failed(doing string, err error) (Outcome, string) {
	return Finding, doing + ": " + err.Error()
}

// found formats what was seen.
func found(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// some lists texts, the first few of many.
func some(texts []string) string {
	const most = 8
	if len(texts) <= most {
		return strings.Join(texts, ", ")
	}
	return strings.Join(texts[:most], ", ") + found(" and %d more", len(texts)-most)
}

// regions gives one server of each region.
func (w *work) regions() (out []change.Target) {
	for _, t := range w.Servers {
		if !slices.ContainsFunc(out, func(o change.Target) bool { return o.RegionID == t.RegionID }) {
			out = append(out, t)
		}
	}
	return out
}

const noServer = "the policy names no server: name one with --server"
