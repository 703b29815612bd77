package policy

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// MaxAge is how long a policy is used before it is read again.
const MaxAge = 30 * time.Second

// Objects reads the change bucket.
type Objects interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
}

// InvalidError is the error for a policy with problems, which permits nothing.
type InvalidError struct{ Problems []change.Problem }

// Missing reports whether there is no policy, where one is required.
func (e *InvalidError) Missing() bool {
	return len(e.Problems) == 1 && e.Problems[0].Rule == RulePolicyMissing
}

// Error lists the problems by line.
func (e *InvalidError) Error() string {
	if e.Missing() {
		return e.Problems[0].String()
	}
	parts := make([]string, 0, len(e.Problems))
	for _, p := range e.Problems {
		parts = append(parts, fmt.Sprintf("line %d: %s", p.Line, p))
	}
	return objects.PolicyFile + " is not a valid policy: " + strings.Join(parts, "; ")
}

// Store reads the policy for one instance of the function and caches it for at most
// MaxAge. It is safe for concurrent use.
type Store struct {
	now      func() time.Time
	optional bool
	turn     chan struct{} // a semaphore that guards the fields below

	policy *Policy
	err    error // an InvalidError, cached as a policy is
	asked  time.Time

	parsed memo
}

// memo is what was parsed last, so that a policy that did not change is not parsed
// again.
type memo struct {
	mu     sync.Mutex
	sum    [sha256.Size]byte
	policy *Policy
	err    error
}

// NewStore returns a Store with an empty cache. If the policy is optional, having
// none is Absent; otherwise it is an [*InvalidError] with RulePolicyMissing.
func NewStore(now func() time.Time, optional bool) *Store {
	return &Store{now: now, optional: optional, turn: make(chan struct{}, 1)}
}

// Current reads the policy from the bucket, whatever is cached. Errors are those of
// Policy.
func (s *Store) Current(ctx context.Context, bucket Objects) (*Policy, error) {
	return s.load(ctx, bucket)
}

// Policy is the policy of the bucket, at most MaxAge old. It sends one read at a time.
// An [*InvalidError] means that the policy has problems, any other error that it
// could not be read. In both cases nobody may request, approve or cancel changes;
// the caller decides who may read.
func (s *Store) Policy(ctx context.Context, bucket Objects) (*Policy, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the policy: %w", ctx.Err())
	}
	if s.fresh() {
		return s.policy, s.err
	}
	asked := s.now()
	policy, err := s.load(ctx, bucket)
	var invalid *InvalidError
	if err != nil && !errors.As(err, &invalid) {
		return nil, err // a failed read is not cached
	}
	s.policy, s.err, s.asked = policy, err, asked
	return policy, err
}

// NameOf is the name of a server in the policy that was read last; the server's id where
// that does not name it, or none was read. It sends nothing.
func (s *Store) NameOf(t change.Target) string {
	s.parsed.mu.Lock()
	p := s.parsed.policy
	s.parsed.mu.Unlock()
	if p == nil {
		return t.ServerID
	}
	return p.NameOf(t)
}

// fresh reports whether the cached policy may be used. It checks both clocks: the
// monotonic clock of a frozen instance stands still, and the wall clock may be set
// back.
func (s *Store) fresh() bool {
	if s.asked.IsZero() {
		return false
	}
	now := s.now()
	wall := now.Round(0).Sub(s.asked.Round(0))
	return wall >= 0 && wall < MaxAge && now.Sub(s.asked) < MaxAge
}

// load reads the policy. Only the store's definite answer that there is no such
// object counts as having none.
func (s *Store) load(ctx context.Context, bucket Objects) (*Policy, error) {
	object, err := bucket.Get(ctx, objects.PolicyFile, blob.GetOptions{Limit: document.MaxSize})
	switch {
	case errors.Is(err, blob.ErrNotFound) && s.optional:
		return Absent(), nil
	case errors.Is(err, blob.ErrNotFound):
		return nil, NoPolicy()
	case errors.Is(err, blob.ErrTooLarge):
		return nil, &InvalidError{Problems: []change.Problem{{
			Rule: document.RuleTooLarge, Message: fmt.Sprintf("the policy has more than %d bytes", document.MaxSize), Hint: hints().Split,
		}}}
	case err != nil:
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return s.parsed.parse(object.Data)
}

func (m *memo) parse(data []byte) (*Policy, error) {
	sum := sha256.Sum256(data)
	m.mu.Lock()
	defer m.mu.Unlock()
	if sum == m.sum && (m.policy != nil || m.err != nil) {
		return m.policy, m.err
	}
	m.sum, m.err = sum, nil
	var problems []change.Problem
	if m.policy, problems = Parse(data, document.YAML); len(problems) > 0 {
		m.policy, m.err = nil, &InvalidError{Problems: problems}
	}
	return m.policy, m.err
}

// NoPolicy is the error of a function that works with a policy only while there is none.
func NoPolicy() *InvalidError { return &InvalidError{Problems: []change.Problem{missing()}} }

func missing() change.Problem {
	return change.Problem{
		Rule: RulePolicyMissing, Message: "there is no " + objects.PolicyFile + ", so every request is refused",
		Hint: "write the policy, see docs/policy.md; to work without one, set the variable NO_POLICY=allow",
	}
}
