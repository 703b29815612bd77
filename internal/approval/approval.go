package approval

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Bucket is what this package needs of the object store. Package blob specifies the
// methods.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Words renders what rooms are told, in the language and the time zone of a View.
type Words interface {
	// Card renders a request for approval as it is now. It has commands only while they
	// can be used.
	Card(v View) chat.Text
	// News says in short what has become of the changes, for a room whose card cannot be
	// updated.
	News(v View) chat.Text
	// Reminder says that changes still wait for approval.
	Reminder(v View) chat.Text
}

// Deps are the dependencies for one invocation.
type Deps struct {
	Bucket    Bucket
	Records   *record.Records
	Policy    func(context.Context) (*policy.Policy, error)
	Platforms map[string]chat.Platform // the configured ones, by name
	Client    chat.Doer
	// Plan shows what a queued change does to its server as it is now.
	Plan   func(ctx context.Context, c change.Change) Plan
	Words  Words
	Zone   *time.Location            // of rooms without one; nil: UTC
	Zones  map[string]*time.Location // of rooms without one on platforms that have their own, by name
	Owner  string                    // the platform's request id
	Memory *lane.Memory              // the instance's; nil: none
	Now    func() time.Time
	Nonce  func() string  // a fresh random text each time
	Jitter func() float64 // random in [0, 1), for waits; nil means a source of its own
	Log    *slog.Logger
}

// Approvals posts requests for approval and keeps them up to date, during one
// invocation. It is safe for concurrent use.
type Approvals struct {
	Deps

	queue *queue.Queue
	times Times

	mu   sync.Mutex
	seen Outstanding
}

// Times are the times that approvals go by. DefaultTimes is for production.
type Times struct {
	Lease   time.Duration   // of a request
	Send    time.Duration   // a message is not sent with less of the lease left
	Window  time.Duration   // for all tries of one message in one invocation
	Tries   int             // in one invocation
	Backoff time.Duration   // until a message that failed is sent again; doubles
	MaxWait time.Duration   // the longest backoff
	GiveUp  time.Duration   // after which a room is given up
	Look    time.Duration   // between two looks at a request without an event
	Doubt   time.Duration   // how late an update may take effect whose outcome is unknown
	Arrival time.Duration   // how long the changes of a document may need to be queued
	Remind  []time.Duration // after the request was posted
	Again   time.Duration   // between later reminders
	Yield   time.Duration   // how long a worker waits for another one's lease
	AtOnce  int             // requests that are worked on at a time
}

// DefaultTimes are the times of production.
func DefaultTimes() Times {
	return Times{
		Lease: time.Minute, Send: 10 * time.Second, Window: 20 * time.Second, Tries: 3,
		Backoff: 30 * time.Second, MaxWait: 10 * time.Minute, GiveUp: 24 * time.Hour,
		Look: 10 * time.Minute, Doubt: 2 * time.Minute, Arrival: time.Minute,
		Remind: []time.Duration{15 * time.Minute, time.Hour}, Again: 24 * time.Hour, Yield: 20 * time.Second, AtOnce: 4,
	}
}

// New makes the approvals of one invocation.
func New(d Deps, t Times) *Approvals {
	if d.Jitter == nil {
		d.Jitter = rand.Float64
	}
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return &Approvals{Deps: d, queue: queue.New(d.Bucket), times: t}
}

// View is what a room is told about: those changes of a document that concern servers
// of the room.
type View struct {
	Changes []Change
	Lang    lang.Tag
	Zone    *time.Location
}

// Change is a change of a request, as it is now.
type Change struct {
	change.Change // without its reply address

	Server    string // its name in the policy, or its id
	Phase     Phase
	Agreed    []string       // whose approvals count
	Approvers []string       // who may approve it
	Withdrawn *change.Vote   // by which it will end
	Record    *record.Record // of one that has ended
	Plan      Plan           // of one that waits
	Window    *change.Gate   // whether it may be sent when it is due; nil: nothing ever closes
}

// Phase says how far a change is.
type Phase string

// The phases.
const (
	Missing  Phase = "missing"  // it is not queued: intake was interrupted, or is at work
	Waits    Phase = "waits"    // for approvals
	Approved Phase = "approved" // or it needs no approval, and has not ended
	Ending   Phase = "ending"   // somebody rejected or cancelled it, or it expired
	Ended    Phase = "ended"
)

// Plan is what a change does to its server.
type Plan struct {
	Seen     bool // the rest is known
	Changed  []change.Difference
	Impact   *impact.Impact
	Code     string           // what an approval of exactly this plan repeats
	Unseen   *change.Problem  // why the server cannot be read
	Problems []change.Problem // for which the change would be refused
}
