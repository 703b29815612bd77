package proof

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// follow looks at one server after some changes, at once and again while the
// invocation goes on, and ends the proofs that are final.
func (p *Proofs) follow(ctx context.Context, group []*entry) error {
	return p.goOn(ctx, group, func([]*entry) bool { return true })
}

// followKeys reads pending proofs and looks at their servers once. Where a change may
// have to be undone, it goes on looking.
func (p *Proofs) followKeys(ctx context.Context, keys []string) error {
	groups := slices.Collect(chunkBy(keys, func(key string) string { return key[:strings.LastIndexByte(key, '/')] }))
	failed := make([]error, len(groups))
	_ = fanout.Each(ctx, len(groups), p.policy.AtOnce, func(ctx context.Context, i int) error { // an error must not stop the others
		var group []*entry
		for _, key := range groups[i] {
			e, err := p.read(ctx, key)
			if err == nil && e != nil {
				group = append(group, e)
			}
			failed[i] = errors.Join(failed[i], err)
		}
		pressing := func(left []*entry) bool { return slices.ContainsFunc(left, (*entry).pressing) }
		failed[i] = errors.Join(failed[i], p.goOn(ctx, group, pressing))
		return nil
	})
	return errors.Join(failed...)
}

// chunkBy divides a sorted list into runs with the same name.
func chunkBy(keys []string, name func(string) string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		for len(keys) > 0 {
			n := 1
			for n < len(keys) && name(keys[n]) == name(keys[0]) {
				n++
			}
			if !yield(keys[:n]) {
				return
			}
			keys = keys[n:]
		}
	}
}

// goOn looks at the server of a group, again and again while more says so, and
// stores what was seen.
func (p *Proofs) goOn(ctx context.Context, group []*entry, more func([]*entry) bool) error {
	var errs []error
	begin := p.Now()
	for looks := 0; len(group) > 0; looks++ {
		if looks > 0 && (!more(group) || p.Now().Sub(begin)+p.policy.Interval > p.policy.Follow || !pause(ctx, p.policy.Interval)) {
			break
		}
		p.lookAt(ctx, group)
		var left []*entry
		for _, e := range group {
			switch {
			case e.final(p.policy):
				errs = append(errs, p.finish(ctx, e))
			default:
				left = append(left, e)
			}
		}
		group = left
	}
	for _, e := range group {
		errs = append(errs, p.keep(ctx, e))
	}
	return errors.Join(errs...)
}

// pause waits; it reports whether there is time left for a look.
func pause(ctx context.Context, d time.Duration) bool {
	const least = 10 * time.Second // a look, and the writes after it
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d+least {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// lookAt looks at the server of a group once, at each place that the changes left it
// at, and has a change undone whose proof fails.
func (p *Proofs) lookAt(ctx context.Context, group []*entry) {
	ctx, cancel := context.WithTimeout(ctx, p.policy.After)
	defer cancel()
	g, failed := p.gateway(ctx, p.api, sslvpn.GatewayRef{RegionID: group[0].target.RegionID, GatewayID: group[0].gatewayID})
	seen := map[place]sight{}
	for _, e := range group {
		s, ok := seen[e.place]
		switch {
		case ok:
		case failed.Probe != "":
			s = sight{Look: failed}
		case !p.here(ctx, e.target, e.place):
			e.moved(p.Now().UTC())
			continue
		default:
			s = p.look(ctx, p.api, g, e.place)
		}
		seen[e.place] = s
		e.add(s, p.policy)
		if e.fails(p.policy) && p.Undo != nil {
			p.undo(ctx, e)
		}
	}
}

// undo undoes a change whose proof fails. A failure is repeated by a later look.
func (p *Proofs) undo(ctx context.Context, e *entry) {
	ctx, cancel := durable(ctx)
	defer cancel()
	if err := p.Undo.Undo(ctx, e.target, e.id); err != nil {
		p.Log.WarnContext(ctx, "change not undone after a failed proof", slog.String("change", e.id), slog.Any("error", err))
		return
	}
	e.proof.UndoAt = p.Now().UTC()
	p.Log.WarnContext(ctx, "server refuses probes, change undone", slog.String("change", e.id))
}

// writeTime bounds the writes after a look, which are made even when the
// invocation's time is over.
const writeTime = 5 * time.Second

func durable(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), writeTime)
}

// finish writes the proof, tells the rooms, and ends the pending proof, in this order:
// each step may be repeated.
func (p *Proofs) finish(ctx context.Context, e *entry) error {
	ctx, cancel := durable(ctx)
	defer cancel()
	if err := p.Records.WriteProof(ctx, e.proof); err != nil {
		return err
	}
	written, err := p.Records.ReadProof(ctx, e.id) // another invocation may have been first
	if err != nil {
		return err
	}
	if p.Tell != nil && len(e.replies) > 0 && !written.Fine() {
		if err := p.Tell(ctx, e.target, written, e.replies); err != nil {
			return err
		}
	}
	if err := p.Bucket.Delete(ctx, e.key()); err != nil {
		return fmt.Errorf("delete the pending proof of %s: %w", e.id, err)
	}
	return nil
}

// keep stores what was seen so far, for the sweep.
func (p *Proofs) keep(ctx context.Context, e *entry) error {
	ctx, cancel := durable(ctx)
	defer cancel()
	data, err := e.encode()
	if err != nil {
		return err
	}
	if err := p.Bucket.Put(ctx, e.key(), data); err != nil {
		return fmt.Errorf("store the pending proof of %s: %w", e.id, err)
	}
	return nil
}

// read reads a pending proof; nil when another invocation has ended it.
func (p *Proofs) read(ctx context.Context, key string) (*entry, error) {
	obj, err := p.Bucket.Get(ctx, key, blob.GetOptions{})
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil //nolint:nilnil // see above
	}
	if err != nil {
		return nil, fmt.Errorf("read a pending proof: %w", err)
	}
	e, err := decode(key, obj.Data)
	if err != nil {
		return nil, err
	}
	return &e, nil
}
