package function

import (
	"context"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/digest"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// The bounds of what a digest reads.
const (
	maxWaiting  = 100
	maxEnded    = 200
	maxSearches = 30 // requests
)

// digests posts the digests that are due.
func (f *Function) digests(inv handler.Invocation, b Buckets, s handler.Services, read policyReader, u *usage, log *slog.Logger) func(context.Context) (int, error) {
	if len(f.cfg.Platforms) == 0 {
		return nil
	}
	return func(ctx context.Context) (int, error) {
		return digest.Post(ctx, digest.Deps{
			Policy: read, Platforms: f.cfg.Platforms, Client: f.opts.Chat,
			Claim: func(ctx context.Context, name string) (bool, error) {
				return s.Intake.Use(ctx, intake.Delivery{Token: name, Method: "DIGEST", Path: name})
			},
			Waiting: func(ctx context.Context) ([]*reconcile.Position, error) {
				return s.Reconciler(-1).Waiting(ctx, change.Target{}, maxWaiting)
			},
			Ended: func(ctx context.Context, since time.Time, match func(index.Row) bool) (index.Found, error) {
				return index.New(b.Changes, log).Find(ctx, index.Search{Since: since, Match: match, Limit: maxEnded, Requests: maxSearches})
			},
			Certificates: func(ctx context.Context, t change.Target) ([]sslvpn.Certificate, error) {
				ctx, cancel := context.WithTimeout(ctx, planTime)
				defer cancel()
				return f.breakers.Guard(f.metered(inv, u, func(sslvpn.Call) {}), b.Changes).DescribeClientCerts(ctx, t)
			},
			Words: func(c digest.Content) chat.Text { return wording.In(c.Lang).Digest(c) },
			Zone:  f.cfg.TimeZone, Memory: &f.digested, Now: f.opts.Now, Log: log,
		})
	}
}
