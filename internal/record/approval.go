package record

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// ApprovalSchema is the schema of an Approval.
const ApprovalSchema = "sslvpn-change/approval/v1"

// Approval says which rooms were told that a change needs approval. It is written when
// all changes of its document have ended.
type Approval struct {
	Schema      string         `json:"schema"`
	ID          string         `json:"id"` // of the change
	RequestedAt time.Time      `json:"requestedAt"`
	ClosedAt    time.Time      `json:"closedAt"`
	Rooms       []ApprovalRoom `json:"rooms"` // none: the policy named no room for the server
}

// ApprovalRoom is what one room was told.
type ApprovalRoom struct {
	Platform  string    `json:"platform"`
	Tenant    string    `json:"tenant"`
	Room      string    `json:"room"`
	At        time.Time `json:"at"` // when it was told, or given up
	Delivered bool      `json:"delivered"`
	Code      string    `json:"code,omitempty"`    // why not
	Message   string    `json:"message,omitempty"` // what the code means
	Tries     int       `json:"tries"`             // messages sent with the request, including those that failed
	Reminders int       `json:"reminders"`
	// UpdatedAt is when the message was updated last; zero: never.
	UpdatedAt time.Time `json:"updatedAt,omitzero"`
	// Stale is why the message does not show the end; "" where it does.
	Stale string `json:"stale,omitempty"`
}

// WriteApproval writes what became of a request for approval. If the change already has
// it, that one stays.
func (r *Records) WriteApproval(ctx context.Context, a Approval) error {
	key, ok := objects.ApprovalKey(a.ID)
	if !ok {
		return fmt.Errorf("write approval: %q is no change id", a.ID)
	}
	data, err := encodeApproval(a)
	if err != nil {
		return err
	}
	return writeOnce(ctx, r.bucket, key, data)
}

// ReadApproval returns what became of the request to approve a change. It fails with
// blob.ErrNotFound when there is nothing.
func (r *Records) ReadApproval(ctx context.Context, id string) (Approval, error) {
	key, ok := objects.ApprovalKey(id)
	if !ok {
		return Approval{}, fmt.Errorf("read approval: %q is no change id: %w", id, blob.ErrNotFound)
	}
	obj, err := r.bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil {
		return Approval{}, fmt.Errorf("read approval: %w", err)
	}
	return decodeApproval(key, id, obj.Data)
}

// storedApproval is the stored form of an Approval.
type storedApproval struct {
	Schema      string               `json:"schema"`
	ID          string               `json:"id"`
	RequestedAt time.Time            `json:"requestedAt"`
	ClosedAt    time.Time            `json:"closedAt"`
	Rooms       []storedApprovalRoom `json:"rooms"`
}

type storedApprovalRoom struct {
	Platform  string    `json:"platform"`
	Tenant    string    `json:"tenant"`
	Room      string    `json:"room"`
	At        time.Time `json:"at"`
	Delivered bool      `json:"delivered"`
	Code      string    `json:"code,omitempty"`
	Message   string    `json:"message,omitempty"`
	Tries     int       `json:"tries"`
	Reminders int       `json:"reminders"`
	UpdatedAt time.Time `json:"updatedAt,omitzero"`
	Stale     string    `json:"stale,omitempty"`
}

func encodeApproval(a Approval) ([]byte, error) {
	s := storedApproval{Schema: ApprovalSchema, ID: a.ID, RequestedAt: a.RequestedAt, ClosedAt: a.ClosedAt, Rooms: []storedApprovalRoom{}}
	for _, r := range a.Rooms {
		s.Rooms = append(s.Rooms, storedApprovalRoom(r))
	}
	return encode(s)
}

// decodeApproval reads an Approval. Data that is not the whole one of this change is an
// error.
func decodeApproval(key, id string, data []byte) (Approval, error) {
	var s storedApproval
	if err := json.Unmarshal(data, &s); err != nil || s.Schema != ApprovalSchema || s.ID != id || s.Rooms == nil || s.ClosedAt.IsZero() {
		return Approval{}, fmt.Errorf("read approval: %s does not say who was asked to approve %s (schema %q, id %q)", key, id, s.Schema, s.ID)
	}
	return Approval{
		Schema: s.Schema, ID: s.ID, RequestedAt: s.RequestedAt, ClosedAt: s.ClosedAt,
		Rooms: each(s.Rooms, func(r storedApprovalRoom) ApprovalRoom { return ApprovalRoom(r) }),
	}, nil
}
