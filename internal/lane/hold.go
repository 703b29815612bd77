package lane

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrEnding says that a hold has too little time left for what the caller
// wants to do under it.
var ErrEnding = errors.New("hold on the lane is ending")

// Hold is a lane taken by this worker. It is not safe for concurrent use.
type Hold struct {
	chain *Chain
	gen   int64
	since time.Time // before the generation that took the lane was written
	ttl   time.Duration
	lost  bool
}

// Token is the fencing token: it grows with every step of the lane.
func (h *Hold) Token() int64 { return h.gen }

// Live fails with ErrEnding unless the hold lasts for at least need more. Ask
// before every call that changes something outside the chain.
func (h *Hold) Live(need time.Duration) error {
	if h.lost {
		return ErrLost
	}
	if left := h.ttl - h.used(); left < need {
		return fmt.Errorf("%w: %s left of %s", ErrEnding, left.Round(time.Millisecond), h.ttl)
	}
	return nil
}

// used is the part of the hold that is over.
func (h *Hold) used() time.Duration {
	now := h.chain.worker.Now()
	// The wall clock goes on while a frozen instance's monotonic clock stands
	// still; the monotonic clock goes on when the wall clock is set back.
	return max(now.Sub(h.since), now.Round(0).Sub(h.since.Round(0)))
}

// Commit writes a new state and keeps the lane. After an error the outcome is
// either ErrLost, or unknown: give up the hold and let a successor look.
func (h *Hold) Commit(ctx context.Context, state any) error {
	if err := h.step(ctx, h.gen+1, held, max(0, h.ttl-h.used()), state); err != nil {
		return fmt.Errorf("commit lane %s: %w", h.chain.target, err)
	}
	return nil
}

// Release writes a new state and gives the lane back. The Head it returns is
// the chain's newest at that moment.
func (h *Hold) Release(ctx context.Context, state any) (Head, error) {
	if h.lost {
		return Head{}, fmt.Errorf("release lane %s: %w", h.chain.target, ErrLost)
	}
	raw, err := h.chain.create(ctx, h.gen+1, free, 0, state)
	h.lost = true
	if err != nil {
		return Head{}, fmt.Errorf("release lane %s: %w", h.chain.target, err)
	}
	return Head{Gen: h.gen + 1, Owner: h.chain.worker.Owner, State: raw}, nil
}

func (h *Hold) step(ctx context.Context, gen int64, k kind, ttl time.Duration, state any) error {
	if h.lost {
		return ErrLost
	}
	if _, err := h.chain.create(ctx, gen, k, ttl, state); err != nil {
		h.lost = true
		return err
	}
	h.gen = gen
	return nil
}
