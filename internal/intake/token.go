package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/objects"
)

// claimed is what became of the changes of a document whose ClientTokens were
// claimed.
type claimed struct {
	changes  []change.Change
	before   bool             // a token was used before: its change may have ended
	problems []change.Problem // tokens used for other settings; then nothing is claimed
}

// claimTokens gives the changes that carry a ClientToken the id and the place
// in line of their token's first use.
func (in *Intake) claimTokens(ctx context.Context, changes []change.Change) (claimed, error) {
	first, err := in.readTokens(ctx, changes)
	if err != nil {
		return claimed{}, err
	}
	if problems := reused(changes, first); len(problems) > 0 {
		return claimed{problems: problems}, nil
	}
	out := claimed{changes: changes}
	out.before = slices.ContainsFunc(first, func(c *claim) bool { return c != nil })
	err = fanout.Each(ctx, len(changes), parallel, func(ctx context.Context, i int) error {
		if changes[i].ClientToken == "" || first[i] != nil {
			return nil
		}
		got, err := in.makeClaim(ctx, tokenClaim(changes[i]))
		first[i] = &got
		return err
	})
	if err != nil {
		return claimed{}, err
	}
	// Another delivery may have come between reading and claiming.
	if problems := reused(changes, first); len(problems) > 0 {
		return claimed{problems: problems}, nil
	}
	out.changes = make([]change.Change, len(changes))
	for i, c := range changes {
		if out.changes[i], err = byToken(c, first[i]); err != nil {
			return claimed{}, err
		}
	}
	return out, nil
}

// readTokens reads the claims of the changes' tokens: nil for a change without
// a token, and for a token that is new.
func (in *Intake) readTokens(ctx context.Context, changes []change.Change) ([]*claim, error) {
	out := make([]*claim, len(changes))
	err := fanout.Each(ctx, len(changes), parallel, func(ctx context.Context, i int) (err error) {
		if c := changes[i]; c.ClientToken != "" {
			out[i], err = in.readClaim(ctx, change.TokenIdentity(c.Target, c.ClientToken))
		}
		return err
	})
	return out, err
}

// tokenClaim is the claim of a change's token, for the change as it stands.
func tokenClaim(c change.Change) claim {
	identity := change.TokenIdentity(c.Target, c.ClientToken)
	return claim{
		Identity: identity, At: c.AcceptedAt, Hash: askHash(c),
		IDs:   []string{change.ID(c.AcceptedAt, change.DocumentID(identity), 1, 1)},
		Place: &place{Document: c.Document, Index: c.Index, DueAt: c.DueAt, ExpiresAt: c.ExpiresAt},
	}
}

// byToken is a change as its token's claim has it.
func byToken(c change.Change, first *claim) (change.Change, error) {
	if first == nil {
		return c, nil
	}
	if first.Place == nil || len(first.IDs) != 1 {
		return c, fmt.Errorf("claim %s does not say where its change stands: only the function may write below claims/", objects.ClaimKey(first.Identity))
	}
	c.Identity, c.ID, c.AcceptedAt = first.Identity, first.IDs[0], first.At
	c.Document, c.Index, c.DueAt, c.ExpiresAt = first.Place.Document, first.Place.Index, first.Place.DueAt, first.Place.ExpiresAt
	return c, nil
}

// reused finds changes whose token was claimed for other settings.
func reused(changes []change.Change, first []*claim) []change.Problem {
	var problems []change.Problem
	for i, c := range changes {
		if first[i] != nil && first[i].Hash != askHash(c) {
			problems = append(problems, tokenReused(c))
		}
	}
	return problems
}

// askHash is a hash of what a change asks for.
func askHash(c change.Change) string {
	data, err := json.Marshal([]any{c.Patch, c.Expect, c.DryRun})
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
