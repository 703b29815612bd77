package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
)

// claimSchema names the form of a claim. Fields may be added; anything else
// needs a new name, and readers of both.
const claimSchema = "sslvpn-change/claim/v1"

// claim says that an identity was taken, when, and for what.
type claim struct {
	Schema   string    `json:"schema"`
	Identity string    `json:"identity"`
	At       time.Time `json:"at"`
	Hash     string    `json:"hash"` // of what was asked: the same identity may not ask for anything else
	IDs      []string  `json:"ids"`
}

func claimKey(identity string) string { return "claims/" + hash([]byte(identity)) + ".json" }

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// readClaim returns the claim of an identity, nil when there is none.
func (in *Intake) readClaim(ctx context.Context, identity string) (*claim, error) {
	obj, err := in.Bucket.Get(ctx, claimKey(identity), blob.GetOptions{})
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil //nolint:nilnil // no claim is an answer, not an error
	}
	if err != nil {
		return nil, fmt.Errorf("read claim: %w", err)
	}
	var c claim
	if err := json.Unmarshal(obj.Data, &c); err != nil || c.Schema != claimSchema || c.Identity != identity {
		return nil, fmt.Errorf("claim %s is not the one of %s (schema %q): only the function may write below claims/",
			obj.Key, identity, c.Schema)
	}
	return &c, nil
}

// makeClaim takes an identity, or returns the claim of whoever came first.
func (in *Intake) makeClaim(ctx context.Context, c claim) (claim, error) {
	c.Schema = claimSchema
	data, err := json.Marshal(c)
	if err != nil {
		return claim{}, fmt.Errorf("encode claim: %w", err)
	}
	err = in.Bucket.Create(ctx, claimKey(c.Identity), data)
	if err == nil {
		return c, nil
	}
	if !errors.Is(err, blob.ErrExists) {
		return claim{}, fmt.Errorf("claim %s: %w", c.Identity, err)
	}
	first, err := in.readClaim(ctx, c.Identity)
	if err != nil {
		return claim{}, err
	}
	if first == nil {
		return claim{}, fmt.Errorf("claim %s: %w", c.Identity, blob.ErrUnavailable)
	}
	return *first, nil
}

// claimTokens gives the changes that carry a ClientToken the id and the time of
// their token's first use. Nothing is claimed if one of the tokens was used for
// other settings: the problems say which.
func (in *Intake) claimTokens(ctx context.Context, changes []change.Change) ([]change.Change, []change.Problem, error) {
	var problems []change.Problem
	for _, c := range changes {
		if c.ClientToken == "" {
			continue
		}
		first, err := in.readClaim(ctx, change.TokenIdentity(c.Target, c.ClientToken))
		if err != nil {
			return nil, nil, err
		}
		if first != nil && first.Hash != askHash(c) {
			problems = append(problems, tokenReused(c))
		}
	}
	if len(problems) > 0 {
		return nil, problems, nil
	}
	out := make([]change.Change, len(changes))
	for i, c := range changes {
		if c.ClientToken != "" {
			identity := change.TokenIdentity(c.Target, c.ClientToken)
			document := change.DocumentID(identity)
			first, err := in.makeClaim(ctx, claim{
				Identity: identity, At: c.AcceptedAt, Hash: askHash(c),
				IDs: []string{change.ID(c.AcceptedAt, document, 1, 1)},
			})
			if err != nil {
				return nil, nil, err
			}
			if first.Hash != askHash(c) {
				return nil, []change.Problem{tokenReused(c)}, nil
			}
			c.Identity, c.Document, c.Index = identity, document, 1
			c.ID = change.ID(first.At, document, 1, 1)
			c = place(c, first.At)
		}
		out[i] = c
	}
	return out, nil, nil
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
