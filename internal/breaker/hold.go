package breaker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sony/gobreaker/v2"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/objects"
)

// Holds is the object store that keeps the holds, with the errors of package
// blob. Get of an object that does not exist is blob.ErrNotFound; Put
// overwrites, and the last writer wins: a hold is advice.
type Holds interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Put(ctx context.Context, key string, data []byte) error
}

// hold is an opening of a region.
type hold struct {
	until    time.Time
	openedAt time.Time // of the first opening since the region was closed
	reason   string
	openings int // since the region was closed; 0: it is closed
}

// reopened is the hold after one more opening.
func (h hold) reopened(now time.Time, reason string) hold {
	// Without its monotonic part: an instance may be frozen during the hold, and
	// the hold goes by the wall clock.
	now = now.Round(0)
	length := firstHold
	for range h.openings {
		length = min(2*length, maxHold)
	}
	if h.openings == 0 {
		h.openedAt = now
	}
	return hold{until: now.Add(length), openedAt: h.openedAt, reason: reason, openings: h.openings + 1}
}

// stale tells a hold that says nothing about the region any more: nobody
// probed it for as long as the longest hold after it ended.
func (h hold) stale(now time.Time) bool {
	return h.openings == 0 || now.Sub(h.until) > maxHold
}

// holdFile is holds/<region>.json. Fields may be added; a reader ignores those
// that it does not know, and a file with another schema.
type holdFile struct {
	Schema   string    `json:"schema"`
	Until    time.Time `json:"until"`
	OpenedAt time.Time `json:"openedAt"`
	Reason   string    `json:"reason"`
	Openings int       `json:"openings"` // 0: closed again
}

const (
	holdSchema = "sslvpn-change/hold/v1"
	holdLimit  = 64 << 10
)

func getHold(ctx context.Context, store Holds, region string) (hold, error) {
	object, err := store.Get(ctx, objects.CircuitKey(region), blob.GetOptions{Limit: holdLimit})
	if errors.Is(err, blob.ErrNotFound) {
		return hold{}, nil
	}
	if err != nil {
		return hold{}, err
	}
	var f holdFile
	if err := json.Unmarshal(object.Data, &f); err != nil {
		return hold{}, fmt.Errorf("%s: %w", objects.CircuitKey(region), err)
	}
	if f.Schema != holdSchema {
		return hold{}, fmt.Errorf("%s: schema %.60q is not %s", objects.CircuitKey(region), f.Schema, holdSchema)
	}
	return hold{until: f.Until, openedAt: f.OpenedAt, reason: f.Reason, openings: max(f.Openings, 0)}, nil
}

// Restore takes over the hold of other instances, as the first call would: for
// those who have something else to do meanwhile.
func (b *Breaker) Restore(ctx context.Context, store Holds) error { return b.readHold(ctx, store) }

// readHold takes over the hold of other instances, once in the life of this
// one. It fails only when ctx ends, and then the next call reads it.
func (b *Breaker) readHold(ctx context.Context, store Holds) error {
	b.mu.Lock()
	read := b.read
	b.mu.Unlock()
	if read {
		return nil
	}
	select {
	case b.gate <- struct{}{}:
		defer func() { <-b.gate }()
	case <-ctx.Done():
		return fmt.Errorf("waiting for the hold of %s: %w", b.region, ctx.Err())
	}
	b.mu.Lock()
	read = b.read
	b.mu.Unlock()
	switch {
	case ctx.Err() != nil: // as if the gate had not opened: both may be there at once
		return fmt.Errorf("waiting for the hold of %s: %w", b.region, ctx.Err())
	case read:
		return nil
	}
	readCtx, cancel := context.WithTimeout(ctx, holdTimeout)
	defer cancel()
	h, err := getHold(readCtx, store, b.region)
	switch {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("waiting for the hold of %s: %w", b.region, ctx.Err())
	case err != nil:
		b.log.WarnContext(ctx, "the hold of a region cannot be read and is ignored", "region", b.region, "error", err)
	}
	b.restore(h)
	return nil
}

// restore makes another instance's hold this breaker's own state.
func (b *Breaker) restore(h hold) {
	now := time.Now()
	// A clock that is far ahead somewhere must not close a region for days.
	if limit := now.Add(maxHold); h.until.After(limit) {
		h.until = limit
	}
	b.mu.Lock()
	take := !h.stale(now)
	if take {
		b.hold, b.restoring = h, true
	} else {
		b.read = true
	}
	b.mu.Unlock()
	if !take {
		return
	}
	// One failure trips the library while restoring is set.
	_, _ = b.cb.Execute(func() (result, error) { return result{}, errRestored })
	b.mu.Lock()
	defer b.mu.Unlock()
	b.restoring, b.read = false, true
}

// writeHold stores a hold that changed. Its context outlives the caller's:
// openings happen when calls run out of time. A failure is logged and nothing
// else, the hold is advice.
func (b *Breaker) writeHold(ctx context.Context, store Holds) {
	b.mu.Lock()
	h, changed := b.hold, b.unwritten
	b.unwritten = false
	b.mu.Unlock()
	if !changed {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), holdTimeout)
	defer cancel()
	level := slog.LevelWarn
	if h.openings == 0 {
		level = slog.LevelInfo
	}
	b.log.Log(ctx, level, "circuit breaker", "region", b.region, "state", h.stateName(), "until", h.until, "openings", h.openings, "reason", h.reason)
	if h.openings > 0 {
		// Instances that opened it before us may know better.
		if other, err := getHold(ctx, store, b.region); err == nil && other.openings > 0 && other.until.After(h.until) {
			return
		}
	}
	data, err := json.Marshal(holdFile{
		Schema: holdSchema, Until: h.until.UTC(), OpenedAt: h.openedAt.UTC(), Reason: h.reason, Openings: h.openings,
	})
	if err == nil {
		err = store.Put(ctx, objects.CircuitKey(b.region), data)
	}
	if err != nil {
		b.log.WarnContext(ctx, "the hold of a region cannot be written", "region", b.region, "error", err)
	}
}

func (h hold) stateName() string {
	if h.openings == 0 {
		return gobreaker.StateClosed.String()
	}
	return gobreaker.StateOpen.String()
}
