package record

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/objects"
)

// NoticeSchema names the form of a notice.
const NoticeSchema = "sslvpn-change/notice/v1"

// Notice says whether those who waited in chat for the end of a change were
// told. It holds no address.
type Notice struct {
	Schema     string     `json:"schema"`
	ID         string     `json:"id"` // of the change
	Deliveries []Delivery `json:"deliveries"`
}

// Delivery says how the answer to one room ended.
type Delivery struct {
	Platform  string    `json:"platform"`
	Room      string    `json:"room,omitempty"`
	At        time.Time `json:"at"`
	Delivered bool      `json:"delivered"`
	Code      string    `json:"code,omitempty"`    // why not
	Message   string    `json:"message,omitempty"` // what that means
	Tries     int       `json:"tries"`             // messages sent, or tried to send
}

// WriteNotice writes a notice unless the change already has one, which then
// stands.
func (r *Records) WriteNotice(ctx context.Context, n Notice) error {
	key, ok := objects.NoticeKey(n.ID)
	if !ok {
		return fmt.Errorf("write notice: %q is no change id", n.ID)
	}
	n.Schema = NoticeSchema
	return writeOnce(ctx, r.bucket, key, n)
}

// ReadNotice returns the notice of a change; blob.ErrNotFound when it has none.
func (r *Records) ReadNotice(ctx context.Context, id string) (Notice, error) {
	key, ok := objects.NoticeKey(id)
	if !ok {
		return Notice{}, fmt.Errorf("read notice: %q is no change id: %w", id, blob.ErrNotFound)
	}
	obj, err := r.bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil {
		return Notice{}, fmt.Errorf("read notice: %w", err)
	}
	var n Notice
	if err := json.Unmarshal(obj.Data, &n); err != nil || n.Schema != NoticeSchema || n.ID != id {
		return Notice{}, fmt.Errorf("read notice: %s is not the notice of %s (schema %q, id %q)", key, id, n.Schema, n.ID)
	}
	return n, nil
}
