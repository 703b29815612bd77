package record

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/probe"
)

// storedProof is the stored form of a Proof.
type storedProof struct {
	Schema     string     `json:"schema"`
	ID         string     `json:"id"`
	Before     storedLook `json:"before"`
	After      storedLook `json:"after"`
	VerifiedAt time.Time  `json:"verifiedAt"`
	Looks      int        `json:"looks"`
	Returned   *int       `json:"returned,omitempty"`
	UndoAt     time.Time  `json:"undoAt,omitzero"`
}

type storedLook struct {
	At         time.Time    `json:"at"`
	Probe      probe.Result `json:"probe"`
	Reason     probe.Reason `json:"reason,omitempty"`
	Connected  *int         `json:"connected,omitempty"`
	NotCounted NotCounted   `json:"notCounted,omitempty"`
}

func encodeProof(p Proof) ([]byte, error) {
	return encode(storedProof{
		Schema: ProofSchema, ID: p.ID, Before: storedLook(p.Before), After: storedLook(p.After), VerifiedAt: p.VerifiedAt,
		Looks: p.Looks, Returned: p.Returned, UndoAt: p.UndoAt,
	})
}

// decodeProof reads the proof of a change. Data that is not the whole proof of this
// change is an error.
func decodeProof(key, id string, data []byte) (Proof, error) {
	var s storedProof
	if err := json.Unmarshal(data, &s); err != nil || s.Schema != ProofSchema || s.ID != id || s.Before.Probe == "" || s.After.Probe == "" || s.VerifiedAt.IsZero() {
		return Proof{}, fmt.Errorf("read proof: %s is not the proof of %s (schema %q, id %q)", key, id, s.Schema, s.ID)
	}
	return Proof{
		Schema: s.Schema, ID: s.ID, Before: Look(s.Before), After: Look(s.After), VerifiedAt: s.VerifiedAt,
		Looks: s.Looks, Returned: s.Returned, UndoAt: s.UndoAt,
	}, nil
}
