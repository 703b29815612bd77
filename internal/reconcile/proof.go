package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/proof"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// Proofs looks at servers before and after changes that ask for it.
type Proofs interface {
	// Before looks at a server right before a modification is sent, for a second at
	// most. It calls observe after every call of the API, one at a time.
	Before(ctx context.Context, ref sslvpn.GatewayRef, s change.Settings, observe func(sslvpn.Call)) record.Look
	// Add stores that a server is to be looked at after a change. The change's record
	// may not be there yet. Storing the same again is success.
	Add(ctx context.Context, a proof.Asked) error
	// Recorded says that the records of some changes are there. It does not block.
	Recorded(ids ...string)
}

// lookBefore looks at the server if a change of an intent asks for it. What it saw is
// written with the intent, so that it costs no request of its own.
func (d *drain) lookBefore(ctx context.Context, in *intent, batch []queue.Entry) {
	if d.deps.Proofs == nil || in.Look != nil {
		return
	}
	for i, e := range batch {
		if e.Err == nil && e.WantsProof() && contributes(in.Outcomes[i]) {
			ref := sslvpn.GatewayRef{RegionID: d.target.RegionID, GatewayID: in.GatewayID}
			in.Look = new(d.deps.Proofs.Before(ctx, ref, in.Before, d.meter.call))
			return
		}
	}
}

// wantsProof reports whether the server is to be looked at after a change: it was
// applied by a modification, and asks for it.
func wantsProof(dec *decision, it item, e queue.Entry) bool {
	return it.Status == change.Applied && dec.Token != "" && e.Err == nil && e.WantsProof()
}

// prove stores the pending proof of a change. The entry has the reply addresses, so
// this is done before the entry is deleted.
func (r *recorder) prove(ctx context.Context, dec *decision, it item, e queue.Entry) error {
	if r.proofs == nil || !wantsProof(dec, it, e) {
		return nil
	}
	a := proof.Asked{
		Target: r.target, ID: e.ID, GatewayID: dec.GatewayID, Settings: dec.After, SentAt: dec.StartedAt, VerifiedAt: dec.FinishedAt,
		Undo: dec.Armed != nil && dec.Armed.Of == e.ID && dec.Armed.Proof, Replies: replies(e),
	}
	if dec.Look != nil {
		a.Before = *dec.Look
	}
	r.meter.request()
	err := r.proofs.Add(ctx, a)
	if errors.Is(err, blob.ErrDenied) {
		// The role of an earlier version lacks this right. The change ends nevertheless.
		r.log.WarnContext(ctx, "pending proof not stored, the change has none", slog.String("change", e.ID), slog.Any("error", err))
		return nil
	}
	return err
}

// addProof adds the proof that is stored beside a record. It is there only some
// minutes after the change has ended.
func (r *Reconciler) addProof(ctx context.Context, rec *record.Record) error {
	if !rec.ProofWanted {
		return nil
	}
	p, err := r.deps.Records.ReadProof(ctx, rec.ID)
	if errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	if err == nil {
		rec.Proof = &p
	}
	return err
}

// replies are the addresses of all who are told about a change: the asker, and those
// who voted from elsewhere.
func replies(e queue.Entry) []json.RawMessage {
	var out []json.RawMessage
	if len(e.Reply) > 0 {
		out = append(out, e.Reply)
	}
	for _, v := range e.Votes {
		if len(v.Reply) > 0 {
			out = append(out, v.Reply)
		}
	}
	if e.Undoes != nil {
		out = append(out, e.Undoes.Replies...)
	}
	return out
}
