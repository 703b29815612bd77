package record

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sslvpnchange/internal/blob"
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

// NoticeKey is where the notice of a change lives: beside its record. ok is
// false for a text that is no change id.
func NoticeKey(id string) (key string, ok bool) {
	key, ok = Key(id)
	if !ok {
		return "", false
	}
	return strings.TrimSuffix(key, ".json") + ".notice.json", true
}

// WriteNotice writes a notice unless the change already has one, which then
// stands.
func (r *Records) WriteNotice(ctx context.Context, n Notice) error {
	key, ok := NoticeKey(n.ID)
	if !ok {
		return fmt.Errorf("write notice: %q is no change id", n.ID)
	}
	n.Schema = NoticeSchema
	return writeOnce(ctx, r.bucket, key, n)
}

// ReadNotice returns the notice of a change; blob.ErrNotFound when it has none.
func (r *Records) ReadNotice(ctx context.Context, id string) (Notice, error) {
	key, ok := NoticeKey(id)
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
