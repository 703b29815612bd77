package record

import (
	"context"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
)

// ProofSchema is the schema of a proof.
const ProofSchema = "sslvpn-change/proof/v1"

// Proof says what the function saw of a server before a change and after it. It has
// counts of people, and nobody's name or address.
type Proof struct {
	Schema string `json:"schema"`
	ID     string `json:"id"` // of the change
	Before Look   `json:"before"`
	// After is the last look.
	After Look `json:"after"`
	// VerifiedAt is when the change was seen on the server.
	VerifiedAt time.Time `json:"verifiedAt"`
	Looks      int       `json:"looks"` // after the change
	// Returned is how many of Before.Connected are connected again; nil when not known.
	Returned *int `json:"returned,omitempty"`
	// UndoAt is when the proof had the change undone; zero: it had not.
	UndoAt time.Time `json:"undoAt,omitzero"`
}

// Look is what one look at a server found.
type Look struct {
	At     time.Time    `json:"at"`
	Probe  probe.Result `json:"probe"`
	Reason probe.Reason `json:"reason,omitempty"` // of the probe's result
	// Connected is how many clients were connected; nil when not known, and then
	// NotCounted says why.
	Connected  *int       `json:"connected,omitempty"`
	NotCounted NotCounted `json:"notCounted,omitempty"`
}

// NotCounted is why it is not known how many clients are connected.
type NotCounted string

// The reasons.
const (
	CountDenied      NotCounted = "denied"      // the function's role may not list them
	CountUnsupported NotCounted = "unsupported" // the gateway does not list them
	CountFailed      NotCounted = "failed"      // the API did not answer properly
	CountNoTime      NotCounted = "no-time"     // the API did not answer in time
)

// Fine reports whether nobody has to look at a proof: the server listens, and
// everybody who was connected has returned.
func (p Proof) Fine() bool {
	return p.After.Probe == probe.Listening && p.UndoAt.IsZero() &&
		(p.Before.Connected == nil || *p.Before.Connected == 0 || p.Returned != nil && *p.Returned >= *p.Before.Connected)
}

// WriteProof writes a proof. If the change already has one, that one stays.
func (r *Records) WriteProof(ctx context.Context, p Proof) error {
	key, ok := objects.ProofKey(p.ID)
	if !ok {
		return fmt.Errorf("write proof: %q is no change id", p.ID)
	}
	data, err := encodeProof(p)
	if err != nil {
		return err
	}
	return writeOnce(ctx, r.bucket, key, data)
}

// ReadProof returns the proof of a change. It fails with blob.ErrNotFound when there
// is none.
func (r *Records) ReadProof(ctx context.Context, id string) (Proof, error) {
	key, ok := objects.ProofKey(id)
	if !ok {
		return Proof{}, fmt.Errorf("read proof: %q is no change id: %w", id, blob.ErrNotFound)
	}
	obj, err := r.bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil {
		return Proof{}, fmt.Errorf("read proof: %w", err)
	}
	return decodeProof(key, id, obj.Data)
}
