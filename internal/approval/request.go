package approval

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// request lists the changes of a document that need approval.
type request struct {
	Name    string
	At      time.Time // of acceptance
	Expires time.Time // of the last change
	Changes []requested
}

// requested is one change of a request.
type requested struct {
	ID     string
	Target change.Target
	Key    string // of its queue entry
	Need   int    // approvals
}

// parallel is how many requests are made at once.
const parallel = 16

// Request creates the approval requests of changes that are about to be queued, if they
// need approval and the policy names a room for one of their servers. It reports whether
// there is one, whose lanes are to be woken. Creating them again is success. A role that
// may not write them delays no change: that is logged.
func (a *Approvals) Request(ctx context.Context, changes []change.Change) (bool, error) {
	if !slices.ContainsFunc(changes, func(c change.Change) bool { return c.Approvals > 0 }) {
		return false, nil
	}
	p, err := a.Policy(ctx)
	if err != nil {
		return false, fmt.Errorf("read the policy: %w", err)
	}
	found, silent := requests(p, changes)
	for _, r := range silent {
		a.Log.InfoContext(ctx, "approval needed, and the policy names no room for the server", slog.String("request", r.Name))
	}
	return len(found) > 0, a.createAll(ctx, found)
}

// requests are those that changes need: with a room, and without any.
func requests(p *policy.Policy, changes []change.Change) (found, silent []request) {
	var all []request
	for _, c := range changes {
		name, ok := objects.ApprovalOf(c.ID)
		if !ok || c.Approvals == 0 {
			continue
		}
		i := slices.IndexFunc(all, func(r request) bool { return r.Name == name })
		if i < 0 {
			i, all = len(all), append(all, request{Name: name, At: c.AcceptedAt})
		}
		r := &all[i]
		r.Changes = append(r.Changes, requested{ID: c.ID, Target: c.Target, Key: objects.EntryKey(c), Need: c.Approvals})
		if c.ExpiresAt.After(r.Expires) {
			r.Expires = c.ExpiresAt
		}
	}
	for _, r := range all {
		if slices.ContainsFunc(r.Changes, func(c requested) bool { return len(p.Rooms(c.Target)) > 0 }) {
			found = append(found, r)
		} else {
			silent = append(silent, r)
		}
	}
	return found, silent
}

func (a *Approvals) createAll(ctx context.Context, list []request) error {
	return fanout.Each(ctx, len(list), parallel, func(ctx context.Context, i int) error { return a.create(ctx, list[i]) })
}

func (a *Approvals) create(ctx context.Context, r request) error {
	data, err := encodeRequest(r)
	if err != nil {
		return err
	}
	err = a.Bucket.Create(ctx, objects.OpenApprovalKey(r.Name), data)
	switch {
	case errors.Is(err, blob.ErrExists):
		return nil
	case errors.Is(err, blob.ErrDenied):
		a.Log.ErrorContext(ctx, "approval request not stored, no room is told: the role may not write below approvals/", slog.String("request", r.Name))
		return nil
	case err != nil:
		return fmt.Errorf("request approval of %s: %w", r.Name, err)
	}
	return nil
}

// readRequest reads an open request; blob.ErrNotFound for one that is closed.
func (a *Approvals) readRequest(ctx context.Context, name string) (request, error) {
	key := objects.OpenApprovalKey(name)
	obj, err := a.Bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil {
		return request{}, fmt.Errorf("read the approval request %s: %w", name, err)
	}
	return decodeRequest(key, obj.Data)
}
