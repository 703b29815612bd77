package policy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
	"sslvpnchange/internal/objects"
)

// MaxAge is how long a policy is used before it is read again.
const MaxAge = 30 * time.Second

// Objects reads the change bucket.
type Objects interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
}

// InvalidError is the error for a policy with problems, which permits nothing.
type InvalidError struct{ Problems []change.Problem }

// Error lists the problems by line.
func (e *InvalidError) Error() string {
	parts := make([]string, 0, len(e.Problems))
	for _, p := range e.Problems {
		parts = append(parts, fmt.Sprintf("line %d: %s", p.Line, p))
	}
	return objects.PolicyFile + " is not a valid policy: " + strings.Join(parts, "; ")
}

// Store reads the policy for one instance of the function and caches it for at most
// MaxAge. It is safe for concurrent use; it sends one read at a time.
type Store struct {
	now  func() time.Time
	turn chan struct{} // a semaphore that guards the fields below

	policy *Policy
	err    error // an InvalidError, cached as a policy is
	asked  time.Time
}

// NewStore returns a Store with an empty cache.
func NewStore(now func() time.Time) *Store {
	return &Store{now: now, turn: make(chan struct{}, 1)}
}

// Policy is the policy of the bucket, at most MaxAge old; Absent if there is none.
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
	policy, err := load(ctx, bucket)
	var invalid *InvalidError
	if err != nil && !errors.As(err, &invalid) {
		return nil, err // a failed read is not cached
	}
	s.policy, s.err, s.asked = policy, err, asked
	return policy, err
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

func load(ctx context.Context, bucket Objects) (*Policy, error) {
	object, err := bucket.Get(ctx, objects.PolicyFile, blob.GetOptions{Limit: document.MaxSize})
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return Absent(), nil
	case errors.Is(err, blob.ErrTooLarge):
		return nil, &InvalidError{Problems: []change.Problem{{
			Rule: document.RuleTooLarge, Message: fmt.Sprintf("the policy has more than %d bytes", document.MaxSize), Hint: hints().Split,
		}}}
	case err != nil:
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	policy, problems := Parse(object.Data, document.YAML)
	if len(problems) > 0 {
		return nil, &InvalidError{Problems: problems}
	}
	return policy, nil
}
