package main

import (
	"context"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
)

// follow waits with a progress display. It returns what is known when the time is over,
// or when it is interrupted.
func follow(ctx context.Context, t *terminal, client *remote.Client, pending remote.Pending, wait time.Duration) ([]remote.Change, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	p := newProgress(t)
	defer p.end()
	pending.Show = p.show
	return client.Wait(ctx, pending, newDelivery)
}

// idle reports whether everything that has not ended lacks approvals, or waits for a window
// that opens when nobody waits any more: that can take days, so that nobody waits for it
// who does not ask to.
func idle(wait time.Duration) func([]remote.Change) bool {
	until := time.Now().Add(wait)
	waits := func(ch remote.Change) bool { return ch.Unapproved() || ch.Closed(until) }
	return func(changes []remote.Change) bool {
		return slices.ContainsFunc(changes, waits) &&
			!slices.ContainsFunc(changes, func(ch remote.Change) bool { return !ch.Status.Final() && !waits(ch) })
	}
}
