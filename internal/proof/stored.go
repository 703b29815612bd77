package proof

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// schema names the stored form of a pending proof.
const schema = "sslvpn-change/pending-proof/v1"

// storedPending is the stored form of an entry, below proofs/. This package alone
// writes and reads it, also in a later version of the function. Fields may be added,
// with a zero value that means what their absence meant. A name, type or meaning
// never changes. It contains reply addresses, so that nothing of it may be logged.
type storedPending struct {
	Schema       string            `json:"schema"`
	ID           string            `json:"id"`
	RegionID     string            `json:"regionId"`
	ServerID     string            `json:"sslVpnServerId"`
	GatewayID    string            `json:"vpnGatewayId"`
	Port         int               `json:"port"`
	TCP          bool              `json:"tcp,omitempty"`
	Undo         bool              `json:"undo,omitempty"`
	Replies      []json.RawMessage `json:"replies,omitempty"`
	SentAt       time.Time         `json:"sentAt"`
	VerifiedAt   time.Time         `json:"verifiedAt"`
	Before       storedLook        `json:"before"`
	After        *storedLook       `json:"after,omitempty"` // missing: not looked at yet
	Looks        int               `json:"looks,omitempty"`
	Returned     *int              `json:"returned,omitempty"`
	Refused      int               `json:"refused,omitempty"`
	RefusedSince time.Time         `json:"refusedSince,omitzero"`
	UndoAt       time.Time         `json:"undoAt,omitzero"`
}

type storedLook struct {
	At         time.Time         `json:"at"`
	Probe      probe.Result      `json:"probe"`
	Reason     probe.Reason      `json:"reason,omitempty"`
	Connected  *int              `json:"connected,omitempty"`
	NotCounted record.NotCounted `json:"notCounted,omitempty"`
}

// encode writes an entry. Its error does not show what the entry contains.
func (e *entry) encode() ([]byte, error) {
	s := storedPending{
		Schema: schema, ID: e.id, RegionID: e.target.RegionID, ServerID: e.target.ServerID, GatewayID: e.gatewayID,
		Port: e.place.port, TCP: e.place.tcp, Undo: e.undo, Replies: e.replies, SentAt: e.sentAt.UTC(), VerifiedAt: e.proof.VerifiedAt.UTC(),
		Before: storedLook(e.proof.Before), Looks: e.proof.Looks, Returned: e.proof.Returned,
		Refused: e.refused, RefusedSince: e.refusedSince, UndoAt: e.proof.UndoAt,
	}
	if e.proof.After.Probe != "" {
		s.After = new(storedLook(e.proof.After))
	}
	data, err := json.Marshal(s)
	if err != nil {
		return nil, errors.New("a pending proof cannot be encoded")
	}
	return data, nil
}

// decode reads an entry and refuses an incomplete one. Its errors do not show what
// is stored.
func decode(key string, data []byte) (entry, error) {
	var s storedPending
	err := json.Unmarshal(data, &s)
	t := change.Target{RegionID: s.RegionID, ServerID: s.ServerID}
	if err != nil || s.Schema != schema || !t.Valid() || objects.PendingProofKey(t, s.ID) != key || s.Before.Probe == "" ||
		s.VerifiedAt.IsZero() || s.Looks < 0 || s.Refused < 0 || s.Looks > 0 && s.After == nil {
		return entry{}, fmt.Errorf("%s is no pending proof: only the function may write below %s", key, objects.Proofs)
	}
	e := entry{
		target: t, id: s.ID, gatewayID: s.GatewayID, place: place{s.Port, s.TCP}, undo: s.Undo, replies: s.Replies, sentAt: s.SentAt,
		refused: s.Refused, refusedSince: s.RefusedSince,
		proof: record.Proof{
			ID: s.ID, Before: record.Look(s.Before), VerifiedAt: s.VerifiedAt, Looks: s.Looks, Returned: s.Returned, UndoAt: s.UndoAt,
		},
	}
	if s.After != nil {
		e.proof.After = record.Look(*s.After)
	}
	return e, nil
}
