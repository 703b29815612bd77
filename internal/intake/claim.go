package intake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// claim says when an identity was first used, and for what.
type claim struct {
	Identity string
	At       time.Time
	Hash     string // of the content: the identity is refused with other content
	IDs      []string
	Document string // the document of the ids, "" in the claims of earlier versions
	Admitted admission
	Place    *place   // of a ClientToken's change
	Read     *reading // of a tick that names its document
}

// documentID is the document of the ids of what the identity asks for.
func (c claim) documentID() string {
	return cmp.Or(c.Document, change.ShortDocumentID(c.Identity))
}

// reading is what the first delivery of a tick read.
type reading struct {
	Data    []byte
	Format  manifest.Format
	Problem *change.Problem // why there is nothing to read
}

// place is the place in the queue of a ClientToken's change: that of its first
// use, whatever times and position a later one has.
type place struct {
	Document  string
	Index     int
	DueAt     time.Time
	ExpiresAt time.Time
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
	c, err := decodeClaim(obj.Data)
	if err == nil && c.Identity != identity {
		err = fmt.Errorf("its identity is %.60q", c.Identity)
	}
	if err != nil {
		return nil, fmt.Errorf("claim %s is not the one of %s: %w: only the function may write below claims/", obj.Key, identity, err)
	}
	return &c, nil
}

// makeClaim claims an identity, or returns the claim that was there before.
func (in *Intake) makeClaim(ctx context.Context, c claim) (claim, error) {
	got, _, err := in.createClaim(ctx, c)
	return got, err
}

// createClaim is makeClaim. made reports whether the claim was certainly not
// there before.
func (in *Intake) createClaim(ctx context.Context, c claim) (got claim, made bool, err error) {
	data, err := c.encode()
	if err != nil {
		return claim{}, false, fmt.Errorf("encode claim: %w", err)
	}
	err = in.Bucket.Create(ctx, objects.ClaimKey(c.Identity), data)
	if err == nil {
		return c, true, nil
	}
	if !errors.Is(err, blob.ErrExists) {
		return claim{}, false, fmt.Errorf("claim %s: %w", c.Identity, err)
	}
	first, err := in.readClaim(ctx, c.Identity)
	if err != nil {
		return claim{}, false, err
	}
	if first == nil {
		return claim{}, false, fmt.Errorf("claim %s: %w", c.Identity, blob.ErrUnavailable)
	}
	return *first, false, nil
}
