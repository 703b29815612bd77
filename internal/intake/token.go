package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// claimTokens claims the ClientTokens of changes, each for its sender. A dry run
// claims none: whoever may only read must not use up a token. A change whose token was used
// before gets the id and the place in the queue of the token's first use, and
// used is true: the change may have ended. It fails with *RefusedError when a
// token was used for other settings.
func (in *Intake) claimTokens(ctx context.Context, changes []change.Change) (out []change.Change, used bool, err error) {
	first, err := in.readTokens(ctx, changes)
	if err != nil {
		return nil, false, err
	}
	if err := reused(changes, first); err != nil {
		return nil, false, err
	}
	used = slices.ContainsFunc(first, func(c *claim) bool { return c != nil })
	err = fanout.Each(ctx, len(changes), parallel, func(ctx context.Context, i int) error {
		if !claims(changes[i]) || first[i] != nil {
			return nil
		}
		got, err := in.makeClaim(ctx, tokenClaim(changes[i]))
		first[i] = &got
		return err
	})
	if err != nil {
		return nil, false, err
	}
	// Another delivery may have claimed a token since they were read.
	if err := reused(changes, first); err != nil {
		return nil, false, err
	}
	out = make([]change.Change, len(changes))
	for i, c := range changes {
		if out[i], err = byToken(c, first[i]); err != nil {
			return nil, false, err
		}
	}
	return out, used, nil
}

// claims reports whether a change claims its token.
func claims(c change.Change) bool { return c.ClientToken != "" && !c.DryRun }

// tokenIdentity is the identity of a change's token.
func tokenIdentity(c change.Change) string {
	return change.SenderTokenIdentity(senderOf(c.Origin), c.Target, c.ClientToken)
}

// senderOf is whose tokens a change uses: the person's, where the policy names one,
// and otherwise the account's. All files count as one account: who uploaded a file
// is not known where its event was lost.
func senderOf(o change.Origin) string {
	switch {
	case o.Person != "":
		return "person " + o.Person
	case o.Kind == change.FromFile:
		return string(o.Kind)
	default:
		return string(o.Kind) + " " + o.Actor
	}
}

// readOldToken reads the claim of a token as earlier versions stored it, for
// whoever sent it. It gives nil for the claim of another sender, and for that of a
// dry run.
func (in *Intake) readOldToken(ctx context.Context, c change.Change) (*claim, error) {
	old, err := in.readClaim(ctx, change.TokenIdentity(c.Target, c.ClientToken))
	if old == nil || err != nil {
		return nil, err
	}
	dry := c
	dry.DryRun = true
	if old.Hash == askHash(dry) {
		return nil, nil //nolint:nilnil // no claim is an answer, not an error
	}
	first, err := byToken(c, old)
	if err != nil {
		return nil, err
	}
	if first.Document == c.Document || first.Document == change.ShortDocumentID(c.Identity) { // a redelivery
		return old, nil
	}
	mine, err := in.sentBy(ctx, first, senderOf(c.Origin))
	if !mine || err != nil {
		return nil, err
	}
	return old, nil
}

// sentBy reports whether a change was sent by a sender: its record says so, or its
// queue entry. One that has neither was not queued, and is nobody's.
func (in *Intake) sentBy(ctx context.Context, c change.Change, sender string) (bool, error) {
	rec, err := in.Records.Read(ctx, c.ID)
	if err == nil {
		return senderOf(rec.Origin) == sender, nil
	}
	if !errors.Is(err, blob.ErrNotFound) {
		return false, err
	}
	entries, err := in.queue.Read(ctx, []string{objects.EntryKey(c)})
	if err != nil || len(entries) == 0 {
		return false, err
	}
	return senderOf(entries[0].Origin) == sender, entries[0].Err
}

// readTokens reads the claims of the changes' tokens: nil for a change without
// a token, and for a token that is new.
func (in *Intake) readTokens(ctx context.Context, changes []change.Change) ([]*claim, error) {
	out := make([]*claim, len(changes))
	err := fanout.Each(ctx, len(changes), parallel, func(ctx context.Context, i int) (err error) {
		if c := changes[i]; claims(c) {
			if out[i], err = in.readClaim(ctx, tokenIdentity(c)); out[i] == nil && err == nil {
				out[i], err = in.readOldToken(ctx, c)
			}
		}
		return err
	})
	return out, err
}

// tokenClaim is the claim of a change's token by this change.
func tokenClaim(c change.Change) claim {
	identity := tokenIdentity(c)
	return claim{
		Identity: identity, At: c.AcceptedAt, Hash: askHash(c),
		IDs:   []string{change.ID(c.AcceptedAt, change.DocumentID(identity), 1, 1)},
		Place: &place{Document: c.Document, Index: c.Index, DueAt: c.DueAt, ExpiresAt: c.ExpiresAt},
	}
}

// byToken gives a change the id and the place of its token's claim.
func byToken(c change.Change, first *claim) (change.Change, error) {
	if first == nil {
		return c, nil
	}
	if first.Place == nil || len(first.IDs) != 1 {
		return c, fmt.Errorf("claim %s lacks the place of its change: only the function may write below claims/", objects.ClaimKey(first.Identity))
	}
	c.Identity, c.ID, c.AcceptedAt = first.Identity, first.IDs[0], first.At
	c.Document, c.Index, c.DueAt, c.ExpiresAt = first.Place.Document, first.Place.Index, first.Place.DueAt, first.Place.ExpiresAt
	return c, nil
}

// reused fails with *RefusedError for changes whose token was claimed for other
// settings.
func reused(changes []change.Change, first []*claim) error {
	var problems []change.Problem
	for i, c := range changes {
		if first[i] != nil && first[i].Hash != askHash(c) {
			problems = append(problems, tokenReused(c))
		}
	}
	if len(problems) > 0 {
		return &RefusedError{Problems: problems}
	}
	return nil
}

// askHash hashes what a change asks for. Claims keep it, so it must never change
// for the same settings.
func askHash(c change.Change) string {
	parts := []any{c.Patch, c.Expect, c.DryRun}
	if c.Guarded() {
		parts = append(parts, c.Confirm, c.Idle, c.Proof)
	}
	if c.Override != "" {
		parts = append(parts, c.Override)
	}
	data, err := json.Marshal(parts)
	if err != nil {
		return "" // patches hold texts, numbers and flags only
	}
	return hash(data)
}

func tokenReused(c change.Change) change.Problem {
	p := change.Problem{
		Path: "ClientToken", Line: c.Line, Rule: change.RuleTokenReused,
		Message: "this ClientToken was used before, for other settings of the same server",
		Hint:    "use a new ClientToken for a new change; repeat a change with all its settings as they were",
	}
	if c.Path != "" {
		p.Path = c.Path + "." + p.Path
	}
	return p
}
