package approval

import (
	"context"
	"errors"
	"hash/fnv"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// The bounds of one sweep.
const (
	maxSwept    = 100 // requests that are looked at
	maxForgot   = 5   // chains that are deleted
	forgotAfter = 30 * 24 * time.Hour
	// forgetMinute is the minute of every hour in which chains are deleted.
	forgetMinute = 17
)

// Changed looks at the requests of changes of which something may have become: by their
// ids. Changes whose request is missing get one, because intake may have died before it
// was stored; of one that has ended, it says that nobody was asked. It returns how many
// requests it looked at.
func (a *Approvals) Changed(ctx context.Context, ids []string, changes []change.Change) (int, error) {
	if len(ids)+len(changes) == 0 || !a.time(ctx) {
		return 0, nil
	}
	p, err := a.Policy(ctx)
	if err == nil && !p.Notifies() {
		return 0, nil // what is open is left to the sweep
	}
	open, err := a.open(ctx)
	if err != nil {
		return 0, err
	}
	var names []string
	for _, id := range ids {
		if name, ok := objects.ApprovalOf(id); ok && slices.Contains(open, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if p != nil {
		lacking, _ := requests(p, slices.DeleteFunc(slices.Clone(changes), func(c change.Change) bool {
			name, _ := objects.ApprovalOf(c.ID)
			return slices.Contains(open, name)
		}))
		if err := a.createAll(ctx, lacking); err != nil {
			return 0, err
		}
		for _, r := range lacking {
			names = append(names, r.Name)
		}
	}
	return a.visitAll(ctx, names, true)
}

// open lists the names of open requests.
func (a *Approvals) open(ctx context.Context) ([]string, error) {
	page, err := a.Bucket.List(ctx, blob.ListOptions{Prefix: objects.OpenApprovals})
	if err != nil {
		return nil, err
	}
	var out []string
	var oldest time.Duration
	for _, e := range page.Entries {
		if name, ok := objects.ParseOpenApprovalKey(e.Key); ok {
			out = append(out, name)
			oldest = max(oldest, page.Now.Sub(e.LastModified))
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen = Outstanding{Requests: len(out), Oldest: oldest, Known: true}
	return out, nil
}

// Outstanding are the requests that are open, as this invocation has seen them last. One
// is open until its rooms know how its changes ended.
type Outstanding struct {
	Requests int
	Oldest   time.Duration // since it was stored, by the store's clock
	Known    bool          // false: this invocation has not looked
}

// Outstanding is what the invocation has seen without a request of its own.
func (a *Approvals) Outstanding() Outstanding {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen
}

// visitAll visits requests. One that fails does not stop the others.
func (a *Approvals) visitAll(ctx context.Context, names []string, happened bool) (int, error) {
	failed := make([]error, len(names))
	var n atomic.Int64
	_ = fanout.Each(ctx, len(names), a.times.AtOnce, func(ctx context.Context, i int) error {
		if !a.time(ctx) {
			return nil
		}
		n.Add(1)
		failed[i] = a.visit(ctx, names[i], happened)
		return nil
	})
	return int(n.Load()), errors.Join(failed...)
}

// time reports whether there is time for a visit.
func (a *Approvals) time(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) >= a.times.Window)
}

// Sweep looks at requests that are due, and deletes the chains of those that were closed
// long ago. It returns how many it worked on.
func (a *Approvals) Sweep(ctx context.Context) (int, error) {
	if !a.time(ctx) {
		return 0, nil
	}
	open, err := a.open(ctx)
	if err != nil {
		return 0, err
	}
	all := open
	if len(open) > maxSwept { // begin elsewhere in every invocation
		h := fnv.New32a()
		_, _ = h.Write([]byte(a.Owner))
		first := int(h.Sum32() % uint32(len(open)))
		open = slices.Concat(open[first:], open[:first])[:maxSwept]
	}
	due := make([]bool, len(open))
	failed := make([]error, len(open))
	_ = fanout.Each(ctx, len(open), parallel, func(ctx context.Context, i int) error {
		due[i], failed[i] = a.due(ctx, open[i])
		return nil
	})
	var names []string
	for i, name := range open {
		if due[i] {
			names = append(names, name)
		}
	}
	n, err := a.visitAll(ctx, names, false)
	return n, errors.Join(errors.Join(failed...), err, a.forget(ctx, all))
}

// due reports whether a request is to be looked at.
func (a *Approvals) due(ctx context.Context, name string) (bool, error) {
	w := lane.Worker{Store: a.Bucket, Owner: a.Owner, Now: a.Now, Nonce: a.Nonce, Memory: a.Memory}
	head, err := lane.OpenAt(w, objects.ApprovalPrefix(name), "approval request "+name).Head(ctx)
	if err != nil {
		return false, err
	}
	st, err := decodeState(head.State)
	if err != nil {
		return false, err
	}
	return !head.Leased() && (head.Held || !st.ClosedAt.IsZero() || !st.Next.After(a.Now())), nil
}

// forget deletes chains of requests that were closed so long ago that no redelivery can
// open them again. Names begin with a date: the oldest list first.
func (a *Approvals) forget(ctx context.Context, open []string) error {
	if a.Now().Minute() != forgetMinute {
		return nil
	}
	after := ""
	for range maxForgot {
		page, err := a.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Approvals, After: after})
		if err != nil || len(page.Entries) == 0 {
			return err
		}
		first := page.Entries[0]
		name, ok := objects.ParseApprovalKey(first.Key)
		day, _, _, isName := change.ParseID(name)
		if !ok || !isName || page.Now.Sub(day) < forgotAfter {
			return nil
		}
		prefix := objects.ApprovalPrefix(name)
		after = prefix + "~"
		if page.Now.Sub(first.LastModified) < forgotAfter || slices.Contains(open, name) {
			continue
		}
		var keys []string
		for _, e := range page.Entries {
			if of, ok := objects.ParseApprovalKey(e.Key); ok && of == name {
				keys = append(keys, e.Key)
			}
		}
		if err := a.Bucket.Delete(ctx, keys...); err != nil {
			return err
		}
		a.Log.InfoContext(ctx, "old approval request deleted", slog.String("request", name), slog.Int("objects", len(keys)))
	}
	return nil
}
