package function

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/proof"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// proofs looks at servers during one invocation; nil where nothing is probed.
func (f *Function) proofs(ctx context.Context, inv handler.Invocation, b Buckets, records *record.Records, s handler.Services, read policyReader, u *usage, log *slog.Logger) *proof.Proofs {
	if f.opts.Prober == nil {
		return nil
	}
	d := proof.Deps{
		Bucket: b.Changes, Records: records, API: func(observe func(sslvpn.Call)) proof.API {
			return f.breakers.Guard(f.metered(inv, u, observe), b.Changes)
		},
		Prober: f.opts.Prober, Loopback: f.local(), VPC: f.cfg.FunctionVPC,
		Undo: undoer{records, s.Intake, f.opts.Now}, Now: f.opts.Now, Log: log,
	}
	if s.Outbox != nil {
		d.Tell = func(ctx context.Context, t change.Target, p record.Proof, replies []json.RawMessage) error {
			return f.tellProof(ctx, s.Outbox, read, t, p, replies)
		}
	}
	return proof.New(ctx, d, proof.DefaultPolicy())
}

// local reports whether the VPC API is that of the local cloud, whose servers have
// loopback addresses.
func (f *Function) local() bool {
	u, err := url.Parse(f.cfg.VPCEndpoint)
	return err == nil && endpoint.Loopback(u.Hostname())
}

// tellProof posts a proof to the rooms of its change.
func (f *Function) tellProof(ctx context.Context, o *notify.Outbox, read policyReader, t change.Target, p record.Proof, replies []json.RawMessage) error {
	name := t.ServerID
	if pol, err := read(ctx); err == nil {
		name = pol.NameOf(t)
	}
	return o.PostReady(ctx, "proof of "+p.ID, replies, func(l lang.Reader) chat.Text {
		return writer(l, f.opts.Now(), f.cfg.TimeZone).Proof(p, name)
	})
}
