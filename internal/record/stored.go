package record

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
)

// The stored forms. Records, receipts and notices are public: operators and
// auditors read them, and they outlive every version of the function. So fields may
// be added; a name, a type or a meaning never changes under the same schema.
// docs/schema describes the same forms, as HTTP answers show them.

// storedRecord is the stored form of a Record. Its notice and its proof are objects of
// their own.
type storedRecord struct {
	Schema       string                  `json:"schema"`
	ID           string                  `json:"id"`
	Status       change.Status           `json:"status"`
	RegionID     string                  `json:"regionId"`
	ServerID     string                  `json:"sslVpnServerId"`
	GatewayID    string                  `json:"vpnGatewayId,omitempty"`
	Ref          string                  `json:"ref,omitempty"`
	Reason       string                  `json:"reason,omitempty"`
	RequestedBy  string                  `json:"requestedBy,omitempty"`
	Origin       storedOrigin            `json:"origin"`
	Identity     string                  `json:"identity"`
	Requested    change.Patch            `json:"requested"`
	Expect       change.Patch            `json:"expect,omitempty"`
	Confirm      string                  `json:"confirm,omitempty"`
	When         string                  `json:"when,omitempty"`
	Override     string                  `json:"override,omitempty"`
	Before       change.Settings         `json:"before,omitempty"`
	After        change.Settings         `json:"after,omitempty"`
	Changed      []storedDifference      `json:"changed"`
	Impact       *storedImpact           `json:"impact,omitempty"`
	Verified     bool                    `json:"verified"`
	Attempts     []storedAttempt         `json:"attempts"`
	MergedWith   []string                `json:"mergedWith,omitempty"`
	SupersededBy map[change.Field]string `json:"supersededBy,omitempty"`
	ClientToken  string                  `json:"clientToken,omitempty"`
	Problems     []storedProblem         `json:"problems,omitempty"`
	Error        *storedFailure          `json:"error,omitempty"`
	Votes        []storedVote            `json:"votes,omitempty"`
	Undo         *storedUndo             `json:"undo,omitempty"`
	Undoes       string                  `json:"undoes,omitempty"`
	AcceptedAt   time.Time               `json:"acceptedAt"`
	DueAt        time.Time               `json:"dueAt"`
	StartedAt    time.Time               `json:"startedAt,omitzero"`
	FinishedAt   time.Time               `json:"finishedAt"`
	Waited       storedWaited            `json:"waitedMs"`
	Cost         storedCost              `json:"cost"`
	Version      string                  `json:"version,omitempty"`
	ProofWanted  bool                    `json:"proof,omitempty"`
}

// storedUndo is what is stored of an Undo: how it ended is in its own record.
type storedUndo struct {
	ID    string    `json:"id"`
	DueAt time.Time `json:"dueAt"`
}

type storedOrigin struct {
	Kind      change.OriginKind `json:"kind"`
	Actor     string            `json:"actor"`
	Person    string            `json:"person,omitempty"`
	Assistant bool              `json:"assistant,omitempty"`
	Source    string            `json:"source"`
	RequestID string            `json:"requestId,omitempty"`
}

type storedDifference struct {
	Field change.Field `json:"field"`
	From  change.Value `json:"from"`
	To    change.Value `json:"to"`
}

type storedImpact struct {
	Class          impact.Class `json:"class"`
	Connected      *int         `json:"connected,omitempty"`
	MaxConnections int          `json:"maxConnections,omitempty"`
	Certificates   []string     `json:"certificates,omitempty"`
}

type storedAttempt struct {
	At         time.Time `json:"at"`
	Action     string    `json:"action"`
	HTTPStatus int       `json:"httpStatus"`
	Code       string    `json:"code,omitempty"`
	Class      string    `json:"class,omitempty"`
	RequestID  string    `json:"requestId,omitempty"`
	DurationMs int64     `json:"durationMs"`
}

type storedProblem struct {
	Path    string `json:"path"`
	Line    int    `json:"line,omitempty"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

type storedFailure struct {
	Code      string `json:"code"`
	Class     string `json:"class"`
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
	RequestID string `json:"requestId,omitempty"`
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

type storedWaited struct {
	Gateway  int64 `json:"gateway"`
	Breaker  int64 `json:"breaker"`
	Throttle int64 `json:"throttle"`
	Queue    int64 `json:"queue"`
	Window   int64 `json:"window,omitempty"`
	Recovery int64 `json:"recovery,omitempty"`
}

type storedCost struct {
	VPCCalls    int `json:"vpcCalls"`
	OSSRequests int `json:"ossRequests"`
	Invocations int `json:"invocations"`
}

// storedReceipt is the stored form of a Receipt.
type storedReceipt struct {
	Schema       string                `json:"schema"`
	File         string                `json:"file"`
	ETag         string                `json:"eTag"`
	LastModified time.Time             `json:"lastModified"`
	Status       ReceiptStatus         `json:"status"`
	Changes      []storedReceiptChange `json:"changes"`
	Problems     []storedProblem       `json:"problems"`
	Earlier      string                `json:"earlier,omitempty"`
}

type storedReceiptChange struct {
	ID     string    `json:"id"`
	Record string    `json:"record"`
	DueAt  time.Time `json:"dueAt,omitzero"`
	// Approval is how many approvals it needs; missing: none, or not known.
	Approval int           `json:"approval,omitempty"`
	Window   *storedWindow `json:"window,omitempty"` // missing: nothing closes, or not known
}

type storedWindow struct {
	Open     bool      `json:"open"`
	OpensAt  time.Time `json:"opensAt,omitzero"`
	ClosesAt time.Time `json:"closesAt,omitzero"`
	Windows  []string  `json:"windows,omitempty"`
	Freeze   string    `json:"freeze,omitempty"`
	Reason   string    `json:"reason,omitempty"`
}

// storedNotice is the stored form of a Notice.
type storedNotice struct {
	Schema     string           `json:"schema"`
	ID         string           `json:"id"`
	Deliveries []storedDelivery `json:"deliveries"`
}

type storedDelivery struct {
	Platform  string    `json:"platform"`
	Room      string    `json:"room,omitempty"`
	At        time.Time `json:"at"`
	Delivered bool      `json:"delivered"`
	Code      string    `json:"code,omitempty"`
	Message   string    `json:"message,omitempty"`
	Tries     int       `json:"tries"`
}

func encodeRecord(r Record) ([]byte, error) {
	return encode(storedRecord{
		Schema: Schema, ID: r.ID, Status: r.Status, RegionID: r.RegionID, ServerID: r.ServerID, GatewayID: r.GatewayID,
		Ref: r.Ref, Reason: r.Reason, RequestedBy: r.RequestedBy, Origin: storedOrigin(r.Origin), Identity: r.Identity,
		Requested: r.Requested, Expect: r.Expect, Confirm: r.Confirm, When: r.When, Override: r.Override, Before: r.Before, After: r.After,
		Changed: each(r.Changed, func(d change.Difference) storedDifference { return storedDifference(d) }),
		Impact:  (*storedImpact)(r.Impact), Verified: r.Verified, Attempts: each(r.Attempts, func(a Attempt) storedAttempt { return storedAttempt(a) }),
		MergedWith: r.MergedWith, SupersededBy: r.SupersededBy, ClientToken: r.ClientToken,
		Problems: toStored(r.Problems), Error: (*storedFailure)(r.Error),
		Votes: each(r.Votes, func(v change.Vote) storedVote { return storedVote(v) }), Undo: storeUndo(r.Undo), Undoes: r.Undoes,
		AcceptedAt: r.AcceptedAt, DueAt: r.DueAt, StartedAt: r.StartedAt, FinishedAt: r.FinishedAt,
		Waited: storedWaited(r.Waited), Cost: storedCost(r.Cost), Version: r.Version, ProofWanted: r.ProofWanted,
	})
}

// decodeRecord reads the record of a change. Data that is not the whole record of
// this change is an error.
func decodeRecord(key, id string, data []byte) (Record, error) {
	var s storedRecord
	if err := json.Unmarshal(data, &s); err != nil || s.Schema != Schema || s.ID != id || s.Status == "" || s.FinishedAt.IsZero() {
		return Record{}, fmt.Errorf("read record: %s is not the record of %s (schema %q, id %q, status %q)", key, id, s.Schema, s.ID, s.Status)
	}
	return s.record(), nil
}

func (s *storedRecord) record() Record {
	return Record{
		Schema: s.Schema, ID: s.ID, Status: s.Status, RegionID: s.RegionID, ServerID: s.ServerID, GatewayID: s.GatewayID,
		Ref: s.Ref, Reason: s.Reason, RequestedBy: s.RequestedBy, Origin: change.Origin(s.Origin), Identity: s.Identity,
		Requested: s.Requested, Expect: s.Expect, Confirm: s.Confirm, When: s.When, Override: s.Override, Before: s.Before, After: s.After,
		Changed: each(s.Changed, func(d storedDifference) change.Difference { return change.Difference(d) }),
		Impact:  (*Impact)(s.Impact), Verified: s.Verified, Attempts: each(s.Attempts, func(a storedAttempt) Attempt { return Attempt(a) }),
		MergedWith: s.MergedWith, SupersededBy: s.SupersededBy, ClientToken: s.ClientToken,
		Problems: fromStored(s.Problems), Error: (*Failure)(s.Error),
		Votes: each(s.Votes, func(v storedVote) change.Vote { return change.Vote(v) }), Undo: s.Undo.undo(), Undoes: s.Undoes,
		AcceptedAt: s.AcceptedAt, DueAt: s.DueAt, StartedAt: s.StartedAt, FinishedAt: s.FinishedAt,
		Waited: Waited(s.Waited), Cost: Cost(s.Cost), Version: s.Version, ProofWanted: s.ProofWanted,
	}
}

func storeUndo(u *Undo) *storedUndo {
	if u == nil {
		return nil
	}
	return &storedUndo{ID: u.ID, DueAt: u.DueAt}
}

func (s *storedUndo) undo() *Undo {
	if s == nil {
		return nil
	}
	return &Undo{ID: s.ID, DueAt: s.DueAt}
}

func encodeReceipt(r Receipt) ([]byte, error) {
	return encode(storedReceipt{
		Schema: ReceiptSchema, File: r.File, ETag: r.ETag, LastModified: r.LastModified.UTC(), Status: r.Status,
		Changes: each(r.Changes, func(c ReceiptChange) storedReceiptChange {
			return storedReceiptChange{ID: c.ID, Record: c.Record, DueAt: c.DueAt, Approval: c.Approval, Window: (*storedWindow)(c.Window)}
		}),
		Problems: toStored(r.Problems), Earlier: r.Earlier,
	})
}

// decodeReceipt reads the receipt of a file. Data that is not the whole receipt of
// this file is an error.
func decodeReceipt(key, file string, data []byte) (Receipt, error) {
	var s storedReceipt
	err := json.Unmarshal(data, &s)
	whole := s.Status == FileAccepted && len(s.Changes) > 0 || s.Status == FileRejected && len(s.Problems) > 0
	if err != nil || s.Schema != ReceiptSchema || s.File != file || !whole {
		return Receipt{}, fmt.Errorf("read receipt: %s is not the receipt of %s (schema %q, file %q, status %q): %w", key, file, s.Schema, s.File, s.Status, ErrNotReceipt)
	}
	return Receipt{
		Schema: s.Schema, File: s.File, ETag: s.ETag, LastModified: s.LastModified, Status: s.Status,
		Changes: each(s.Changes, func(c storedReceiptChange) ReceiptChange {
			return ReceiptChange{ID: c.ID, Record: c.Record, DueAt: c.DueAt, Approval: c.Approval, Window: (*change.Gate)(c.Window)}
		}),
		Problems: fromStored(s.Problems), Earlier: s.Earlier,
	}, nil
}

func encodeNotice(n Notice) ([]byte, error) {
	return encode(storedNotice{
		Schema: NoticeSchema, ID: n.ID,
		Deliveries: each(n.Deliveries, func(d Delivery) storedDelivery { return storedDelivery(d) }),
	})
}

// decodeNotice reads the notice of a change. Data that is not the whole notice of
// this change is an error.
func decodeNotice(key, id string, data []byte) (Notice, error) {
	var s storedNotice
	if err := json.Unmarshal(data, &s); err != nil || s.Schema != NoticeSchema || s.ID != id || len(s.Deliveries) == 0 {
		return Notice{}, fmt.Errorf("read notice: %s is not the notice of %s (schema %q, id %q)", key, id, s.Schema, s.ID)
	}
	return Notice{
		Schema: s.Schema, ID: s.ID,
		Deliveries: each(s.Deliveries, func(d storedDelivery) Delivery { return Delivery(d) }),
	}, nil
}

func toStored(problems []change.Problem) []storedProblem {
	return each(problems, func(p change.Problem) storedProblem { return storedProblem(p) })
}

func fromStored(problems []storedProblem) []change.Problem {
	return each(problems, func(p storedProblem) change.Problem { return change.Problem(p) })
}

// each converts a list; nil stays nil, because it is stored as null.
func each[A, B any](list []A, convert func(A) B) []B {
	if list == nil {
		return nil
	}
	out := make([]B, 0, len(list))
	for _, v := range list {
		out = append(out, convert(v))
	}
	return out
}

// encode indents the JSON: people read these objects in the console.
func encode(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return append(data, '\n'), nil
}
