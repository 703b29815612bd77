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
	"sslvpnchange/internal/manifest"
	"sslvpnchange/internal/objects"
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
	Admitted admission `json:"admitted,omitzero"`
	Place    *place    `json:"place,omitempty"` // of a ClientToken's change
	Read     *reading  `json:"read,omitempty"`  // of a tick that names its document
}

// reading is what a tick found when it was first delivered.
type reading struct {
	Data    []byte          `json:"data,omitempty"`
	Format  manifest.Format `json:"format,omitempty"`
	Problem *change.Problem `json:"problem,omitempty"` // why there is nothing to read
}

// place is where the change of a ClientToken stands in line: as its first
// delivery asked, whatever a later one says of times and wherever it has it.
type place struct {
	Document  string    `json:"document"`
	Index     int       `json:"index"`
	DueAt     time.Time `json:"dueAt"`
	ExpiresAt time.Time `json:"expiresAt"`
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// readClaim returns the claim of an identity, nil when there is none.
func (in *Intake) readClaim(ctx context.Context, identity string) (*claim, error) {
	obj, err := in.Bucket.Get(ctx, objects.ClaimKey(identity), blob.GetOptions{})
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
	err = in.Bucket.Create(ctx, objects.ClaimKey(c.Identity), data)
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
