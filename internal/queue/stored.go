package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// The schemas of the stored forms. Fields may be added; a name, a type or a
// meaning never changes under the same schema. Anything else needs a new schema,
// and readers of both.
const (
	entrySchema = "sslvpn-change/queue/v1"
	voteSchema  = "sslvpn-change/vote/v1"
)

// storedEntry is the stored form of a queued change. Intake writes it through
// this package; reconcile and executor read it through this package.
type storedEntry struct {
	Schema      string       `json:"schema"`
	ID          string       `json:"id"`
	Identity    string       `json:"identity"`
	Document    string       `json:"document"`
	Index       int          `json:"index"`
	RegionID    string       `json:"regionId"`
	ServerID    string       `json:"sslVpnServerId"`
	Patch       change.Patch `json:"patch"`
	Expect      change.Patch `json:"expect,omitempty"`
	ClientToken string       `json:"clientToken,omitempty"`
	Ref         string       `json:"ref,omitempty"`
	Reason      string       `json:"reason,omitempty"`
	RequestedBy string       `json:"requestedBy,omitempty"`
	DryRun      bool         `json:"dryRun,omitempty"`
	// Confirm is how the change must be confirmed; missing: it need not be.
	Confirm storedConfirm `json:"confirm,omitzero"`
	Idle    int           `json:"idle,omitempty"` // sent while fewer clients are connected; 0: however many are
	Proof   bool          `json:"proof,omitempty"`
	// Override is the freeze that the change overrides; missing: none.
	Override string       `json:"override,omitempty"`
	Origin   storedOrigin `json:"origin"`
	// Account is whose permissions count when the change is applied. Entries of
	// earlier versions lack it.
	Account    *storedAccount `json:"account,omitempty"`
	AcceptedAt time.Time      `json:"acceptedAt"`
	DueAt      time.Time      `json:"dueAt"`
	ExpiresAt  time.Time      `json:"expiresAt"`
	Approvals  int            `json:"approvals,omitempty"` // how many are needed
	// Undoes is the change that this one undoes; missing in what somebody requested.
	Undoes *storedUndo `json:"undoes,omitempty"`
	// Certificates are those concerned, where they were known; missing: they were not.
	Certificates []string `json:"certificates,omitempty"`
	// Reply is where to send the outcome, in the form of package notify's callers.
	// It is a secret, and is deleted with the entry.
	Reply json.RawMessage `json:"reply,omitempty"`
}

// storedConfirm is the stored form of a confirmation.
type storedConfirm struct {
	Seconds int64 `json:"seconds"`
	Proof   bool  `json:"proof,omitempty"`
}

// storedUndo is the stored form of what a change undoes. Replies are secrets.
type storedUndo struct {
	Of      string             `json:"of"`
	Done    []storedDifference `json:"done"`
	Replies []json.RawMessage  `json:"replies,omitempty"`
}

type storedDifference struct {
	Field change.Field `json:"field"`
	From  change.Value `json:"from"`
	To    change.Value `json:"to"`
}

// storedOrigin is the stored form of a change's origin.
type storedOrigin struct {
	Kind      change.OriginKind `json:"kind"`
	Actor     string            `json:"actor"`
	Person    string            `json:"person,omitempty"`
	Assistant bool              `json:"assistant,omitempty"`
	Source    string            `json:"source"`
	RequestID string            `json:"requestId,omitempty"`
}

// storedAccount is the stored form of an account, as its channel verified it.
type storedAccount struct {
	Channel string `json:"channel"`
	Tenant  string `json:"tenant,omitempty"`
	User    string `json:"user"`
}

// storedVoteObject is the stored form of a vote. Executor writes it through this
// package; reconcile and executor read it through this package.
type storedVoteObject struct {
	Schema string          `json:"schema"`
	ID     string          `json:"id"` // of the change
	Vote   storedVote      `json:"vote"`
	Reply  json.RawMessage `json:"reply,omitempty"` // where to send the outcome; a secret
}

type storedVote struct {
	Kind     change.VoteKind `json:"word"`
	Person   string          `json:"person"`
	Account  string          `json:"account"`
	At       time.Time       `json:"at"`
	Digest   string          `json:"showing,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Until    time.Time       `json:"until,omitzero"`
	LapsesAt time.Time       `json:"lapsesAt,omitzero"`
}

func encodeEntry(c change.Change) ([]byte, error) {
	s := storedEntry{
		Schema: entrySchema, ID: c.ID, Identity: c.Identity, Document: c.Document, Index: c.Index,
		RegionID: c.RegionID, ServerID: c.ServerID, Patch: c.Patch, Expect: c.Expect,
		ClientToken: c.ClientToken, Ref: c.Ref, Reason: c.Reason, RequestedBy: c.RequestedBy,
		DryRun: c.DryRun, Confirm: storedConfirm{Seconds: int64(c.Confirm.For / time.Second), Proof: c.Confirm.Proof}, Idle: c.Idle, Proof: c.Proof,
		Override:   c.Override,
		Origin:     storedOrigin(c.Origin),
		AcceptedAt: c.AcceptedAt.UTC(), DueAt: c.DueAt.UTC(), ExpiresAt: c.ExpiresAt.UTC(),
		Approvals: c.Approvals, Certificates: c.Certificates, Reply: c.Reply,
	}
	if c.Account != (change.Account{}) {
		a := storedAccount(c.Account)
		s.Account = &a
	}
	if u := c.Undoes; u != nil {
		s.Undoes = &storedUndo{Of: u.Of, Replies: u.Replies}
		for _, d := range u.Done {
			s.Undoes.Done = append(s.Undoes.Done, storedDifference(d))
		}
	}
	return json.Marshal(s) //nolint:gosec // G117: the ClientToken is an idempotency key, no secret
}

// decodeEntry reads an entry. An entry that cannot be used has Err set, because
// its change must still end with a record.
func decodeEntry(key string, data []byte) Entry {
	fromKey, ok := objects.ParseEntryKey(key)
	if !ok {
		return Entry{Key: key, Err: errors.New("the key is not one of a queue entry")}
	}
	c, err := readEntry(key, data)
	if err != nil {
		return Entry{Change: fromKey, Key: key, Err: err}
	}
	return Entry{Change: c, Key: key}
}

func readEntry(key string, data []byte) (change.Change, error) {
	var s storedEntry
	if err := json.Unmarshal(data, &s); err != nil {
		return change.Change{}, fmt.Errorf("the stored entry cannot be read: %w", err)
	}
	c := change.Change{
		Request: change.Request{
			Target: change.Target{RegionID: s.RegionID, ServerID: s.ServerID},
			Patch:  s.Patch, Expect: s.Expect, ClientToken: s.ClientToken, Ref: s.Ref, Reason: s.Reason,
			RequestedBy: s.RequestedBy, ExpiresAt: s.ExpiresAt, DryRun: s.DryRun,
			Confirm: change.Confirmation{For: time.Duration(s.Confirm.Seconds) * time.Second, Proof: s.Confirm.Proof}, Idle: s.Idle, Proof: s.Proof,
			Override: s.Override,
		},
		ID: s.ID, Identity: s.Identity, Document: s.Document, Index: s.Index, Origin: change.Origin(s.Origin),
		AcceptedAt: s.AcceptedAt, DueAt: s.DueAt, Approvals: s.Approvals, Certificates: s.Certificates, Reply: s.Reply,
	}
	if s.Account != nil {
		c.Account = change.Account(*s.Account)
	}
	if u := s.Undoes; u != nil {
		c.Undoes = &change.Undo{Of: u.Of, Replies: u.Replies}
		for _, d := range u.Done {
			c.Undoes.Done = append(c.Undoes.Done, change.Difference(d))
		}
	}
	if s.Schema != entrySchema || objects.EntryKey(c) != key {
		return change.Change{}, fmt.Errorf("the stored entry (schema %q, id %q) is not the one its key names", s.Schema, s.ID)
	}
	if missing := missingIn(c); missing != "" {
		return change.Change{}, fmt.Errorf("the stored entry is not whole: it has no %s", missing)
	}
	return c, nil
}

// missingIn names a field that every version has set and that the change lacks, ""
// when it is whole.
func missingIn(c change.Change) string {
	switch {
	case len(c.Patch) == 0:
		return "settings"
	case c.Identity == "":
		return "identity"
	case c.Origin.Kind == "":
		return "origin"
	case c.AcceptedAt.IsZero():
		return "acceptedAt"
	case c.ExpiresAt.IsZero():
		return "expiresAt"
	case c.Approvals < 0:
		return "valid number of approvals"
	case !c.Confirm.IsZero() && (c.Confirm.For < change.MinConfirm || c.Confirm.For > change.MaxConfirm):
		return "valid time to confirm it"
	case c.Undoes != nil && (c.Undoes.Of == "" || len(c.Undoes.Done) == 0):
		return "change that it undoes"
	case c.Idle < 0:
		return "valid number of clients"
	default:
		return ""
	}
}

func encodeVote(id string, v Vote) ([]byte, error) {
	return json.Marshal(storedVoteObject{Schema: voteSchema, ID: id, Vote: storedVote(v.Vote), Reply: v.Reply})
}

// errDamaged says that an object below the key of a vote is not that vote.
var errDamaged = errors.New("the stored vote cannot be read")

// decodeVote reads a vote. Its key says whose vote on which change it must be.
func decodeVote(key string, data []byte) (Vote, error) {
	t, id, _, ok := objects.ParseVoteKey(key)
	var s storedVoteObject
	err := json.Unmarshal(data, &s)
	v := change.Vote(s.Vote)
	if err != nil || !ok || s.Schema != voteSchema || s.ID != id || objects.VoteKey(t, id, v) != key ||
		v.Person == "" || v.At.IsZero() || v.Kind == change.Approval && v.Digest == "" || v.Kind == change.Extend && v.Until.IsZero() {
		return Vote{}, fmt.Errorf("%s: %w (schema %q)", key, errDamaged, s.Schema)
	}
	return Vote{Vote: v, Key: key, Reply: s.Reply}, nil
}
