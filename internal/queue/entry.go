package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/objects"
)

// schema names the wire form. Fields may be added; anything else needs a new
// name, and readers of both.
const schema = "sslvpn-change/queue/v1"

// Entry is a change in line.
type Entry struct {
	change.Change

	Key   string
	Votes []Vote // what people said of it, in the order in which they did
	// Err says why the stored entry cannot be read; the change then has only
	// what its key says: id, document, target and due time.
	Err error
}

// wire is the stored form of a change.
type wire struct {
	Schema      string        `json:"schema"`
	ID          string        `json:"id"`
	Identity    string        `json:"identity"`
	Document    string        `json:"document"`
	Index       int           `json:"index"`
	RegionID    string        `json:"regionId"`
	ServerID    string        `json:"sslVpnServerId"`
	Patch       change.Patch  `json:"patch"`
	Expect      change.Patch  `json:"expect,omitempty"`
	ClientToken string        `json:"clientToken,omitempty"`
	Ref         string        `json:"ref,omitempty"`
	Reason      string        `json:"reason,omitempty"`
	RequestedBy string        `json:"requestedBy,omitempty"`
	DryRun      bool          `json:"dryRun,omitempty"`
	Origin      change.Origin `json:"origin"`
	AcceptedAt  time.Time     `json:"acceptedAt"`
	DueAt       time.Time     `json:"dueAt"`
	ExpiresAt   time.Time     `json:"expiresAt"`
	Approvals   int           `json:"approvals,omitempty"`
	// Reply is a secret; it is here for as long as an answer is owed.
	Reply json.RawMessage `json:"reply,omitempty"`
}

func encode(c change.Change) ([]byte, error) {
	//nolint:gosec // G117: the ClientToken is an idempotency key, no secret
	return json.Marshal(wire{
		Schema: schema, ID: c.ID, Identity: c.Identity, Document: c.Document, Index: c.Index,
		RegionID: c.RegionID, ServerID: c.ServerID, Patch: c.Patch, Expect: c.Expect,
		ClientToken: c.ClientToken, Ref: c.Ref, Reason: c.Reason, RequestedBy: c.RequestedBy,
		DryRun: c.DryRun, Origin: c.Origin,
		AcceptedAt: c.AcceptedAt.UTC(), DueAt: c.DueAt.UTC(), ExpiresAt: c.ExpiresAt.UTC(),
		Approvals: c.Approvals, Reply: c.Reply,
	})
}

// decode reads an entry; what cannot be read becomes Entry.Err, because the
// change must still end with a record that says so.
func decode(key string, data []byte) Entry {
	fromKey, ok := objects.ParseEntryKey(key)
	if !ok {
		return Entry{Key: key, Err: errors.New("the key is not one of the queue's")}
	}
	var w wire
	if err := json.Unmarshal(data, &w); err != nil {
		return Entry{Change: fromKey, Key: key, Err: fmt.Errorf("the stored entry cannot be read: %w", err)}
	}
	c := change.Change{
		Request: change.Request{
			Target: change.Target{RegionID: w.RegionID, ServerID: w.ServerID},
			Patch:  w.Patch, Expect: w.Expect, ClientToken: w.ClientToken, Ref: w.Ref, Reason: w.Reason,
			RequestedBy: w.RequestedBy, ExpiresAt: w.ExpiresAt, DryRun: w.DryRun,
		},
		ID: w.ID, Identity: w.Identity, Document: w.Document, Index: w.Index, Origin: w.Origin,
		AcceptedAt: w.AcceptedAt, DueAt: w.DueAt, Approvals: w.Approvals, Reply: w.Reply,
	}
	if w.Schema != schema || objects.EntryKey(c) != key {
		return Entry{Change: fromKey, Key: key, Err: fmt.Errorf("the stored entry (schema %q, id %q) is not the one its key names", w.Schema, w.ID)}
	}
	return Entry{Change: c, Key: key}
}
