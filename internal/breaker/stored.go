package breaker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Store is the object store of the stored circuits, with the errors of package
// blob. Put overwrites, and the last writer wins: a stored circuit is advisory.
type Store interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Put(ctx context.Context, key string, data []byte) error
}

// storedCircuit is the stored form of a circuit. Breakers of other instances read
// it. Fields may be added; a name, a type or a meaning never changes under the same
// schema.
type storedCircuit struct {
	Schema   string    `json:"schema"`
	Until    time.Time `json:"until"`
	OpenedAt time.Time `json:"openedAt"`
	Reason   string    `json:"reason"`
	Openings int       `json:"openings"` // 0: closed again
}

const (
	schema      = "sslvpn-change/hold/v1"
	maxSize     = 64 << 10
	readTimeout = 2 * time.Second
	// writeTimeout bounds a read and a write.
	writeTimeout = 2 * time.Second
)

func encode(c circuit) ([]byte, error) {
	return json.Marshal(storedCircuit{
		Schema: schema, Until: c.until.UTC(), OpenedAt: c.openedAt.UTC(), Reason: c.reason, Openings: c.openings,
	})
}

// decode reads a stored circuit. Data that is not a whole one is an error.
func decode(data []byte) (circuit, error) {
	var s storedCircuit
	if err := json.Unmarshal(data, &s); err != nil {
		return circuit{}, err
	}
	if s.Schema != schema || s.Until.IsZero() || s.OpenedAt.IsZero() || s.Openings < 0 {
		return circuit{}, fmt.Errorf("not a stored circuit (schema %.60q, openings %d)", s.Schema, s.Openings)
	}
	return circuit{until: s.Until, openedAt: s.OpenedAt, reason: s.Reason, openings: s.Openings}, nil
}

// load reads the stored circuit of a region; a closed one when there is none.
func load(ctx context.Context, store Store, region string) (circuit, error) {
	key := objects.CircuitKey(region)
	object, err := store.Get(ctx, key, blob.GetOptions{Limit: maxSize})
	if errors.Is(err, blob.ErrNotFound) {
		return circuit{}, nil
	}
	if err != nil {
		return circuit{}, err
	}
	c, err := decode(object.Data)
	if err != nil {
		return circuit{}, fmt.Errorf("%s: %w", key, err)
	}
	return c, nil
}

// Restore continues the stored circuit of other instances, once in the life of this
// one. Do calls it first; callers may call it earlier, while they do something
// else. It fails only when ctx ends, and then the next call reads it.
func (b *Breaker) Restore(ctx context.Context, store Store) error {
	if b.isRead() {
		return nil
	}
	select {
	case b.gate <- struct{}{}:
		defer func() { <-b.gate }()
	case <-ctx.Done():
		return fmt.Errorf("read the stored circuit of %s: %w", b.region, ctx.Err())
	}
	read := b.isRead()
	switch {
	case ctx.Err() != nil: // select may choose the gate although ctx has ended
		return fmt.Errorf("read the stored circuit of %s: %w", b.region, ctx.Err())
	case read:
		return nil
	}
	readCtx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	c, err := load(readCtx, store, b.region)
	switch {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("read the stored circuit of %s: %w", b.region, ctx.Err())
	case err != nil:
		b.log.WarnContext(ctx, "the hold of a region cannot be read and is ignored", "region", b.region, "error", err)
	}
	b.restore(c)
	return nil
}

func (b *Breaker) isRead() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read
}

// restore makes a stored circuit the state of this breaker, unless it is stale.
func (b *Breaker) restore(c circuit) {
	now := time.Now()
	b.mu.Lock()
	use := !c.stale(now)
	if use {
		b.circuit, b.restoring = c.bounded(now), true
	} else {
		b.read = true
	}
	b.mu.Unlock()
	if !use {
		return
	}
	// While restoring is set, one failure opens the library's circuit.
	_, _ = b.cb.Execute(func() (result, error) { return result{}, errRestored })
	b.mu.Lock()
	defer b.mu.Unlock()
	b.restoring, b.read = false, true
}

// write logs and stores a circuit that has changed. It does not end with the caller's
// context: circuits open when calls run out of time. A failure is only logged.
func (b *Breaker) write(ctx context.Context, store Store) {
	b.mu.Lock()
	c, changed := b.circuit, b.unwritten
	b.unwritten = false
	b.mu.Unlock()
	if !changed {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	level := slog.LevelWarn
	if c.openings == 0 {
		level = slog.LevelInfo
	}
	b.log.Log(ctx, level, "circuit breaker", "region", b.region, "calls", string(b.calls), "state", c.stateName(), "until", c.until, "openings", c.openings, "reason", c.reason)
	if b.calls == modifications {
		return
	}
	if c.openings > 0 {
		// An instance that opened its circuit earlier may have a longer open time.
		if other, err := load(ctx, store, b.region); err == nil && other.openings > 0 && other.until.After(c.until) {
			return
		}
	}
	data, err := encode(c)
	if err == nil {
		err = store.Put(ctx, objects.CircuitKey(b.region), data)
	}
	if err != nil {
		b.log.WarnContext(ctx, "the hold of a region cannot be written", "region", b.region, "error", err)
	}
}
