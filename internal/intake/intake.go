package intake

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Bucket is what this package needs of the object store.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Head(ctx context.Context, key string) (blob.Entry, error)
	Create(ctx context.Context, key string, data []byte) error
	Put(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Deps is what an intake works with, for one invocation.
type Deps struct {
	Bucket     Bucket
	BucketName string // part of every file's identity
	Records    *record.Records
	Policy     func(context.Context) (*policy.Policy, error) // nil: everything is permitted
	Regions    change.Regions                                // whose servers may be changed
	// Approvals asks people to approve changes; nil: there are no rooms to ask.
	Approvals Approvals
	// Later is called for every lane and due time ahead of accepted changes, when they are
	// queued. It does not block. Nil: the sweep finds what is due.
	Later func(t change.Target, due time.Time)
	// NameOf is the name of a server for log lines, without a request; nil: its id.
	NameOf  func(change.Target) string
	Owner   string // the platform's request id
	Version string // of the function, for records
	Now     func() time.Time
	Log     *slog.Logger
}

// Approvals asks people to approve changes.
type Approvals interface {
	// Request stores that rooms are to be asked to approve those of the changes that need
	// it, and reports whether any is: its lane is then to be woken. Requesting the same
	// again is success.
	Request(ctx context.Context, changes []change.Change) (asked bool, err error)
}

// Intake accepts documents during one invocation.
type Intake struct {
	Deps

	queue    *queue.Queue
	index    *index.Index
	receipts *record.Receipts
}

// New gives an intake for one invocation.
func New(d Deps) *Intake {
	return &Intake{Deps: d, queue: queue.New(d.Bucket), index: index.New(d.Bucket, d.Log), receipts: record.NewReceipts(d.Bucket)}
}

// parallel is how many requests an intake has under way at once.
const parallel = 16

// RefusedError lists why a document or a message was not accepted. Nothing of
// it was queued.
type RefusedError struct {
	Conflict  bool // the identity was used for other content
	Forbidden bool // the policy does not permit it
	Problems  []change.Problem
}

// Error names the first problem.
func (e *RefusedError) Error() string {
	if len(e.Problems) == 0 {
		return "document refused"
	}
	return fmt.Sprintf("document refused: %s (%d in all)", e.Problems[0], len(e.Problems))
}
