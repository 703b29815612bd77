package record

import (
	"context"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// NoticeSchema is the schema of a notice.
const NoticeSchema = "sslvpn-change/notice/v1"

// Notice says who in chat was notified of the end of a change. It has no addresses.
type Notice struct {
	Schema     string     `json:"schema"`
	ID         string     `json:"id"` // of the change
	Deliveries []Delivery `json:"deliveries"`
}

// Delivery is the outcome of the notification to one room.
type Delivery struct {
	Platform  string    `json:"platform"`
	Room      string    `json:"room,omitempty"`
	At        time.Time `json:"at"`
	Delivered bool      `json:"delivered"`
	Code      string    `json:"code,omitempty"`    // why not
	Message   string    `json:"message,omitempty"` // what the code means
	Tries     int       `json:"tries"`             // messages sent, including those that failed
}

// WriteNotice writes a notice. If the change already has one, that one stays.
func (r *Records) WriteNotice(ctx context.Context, n Notice) error {
	key, ok := objects.NoticeKey(n.ID)
	if !ok {
		return fmt.Errorf("write notice: %q is no change id", n.ID)
	}
	data, err := encodeNotice(n)
	if err != nil {
		return err
	}
	return writeOnce(ctx, r.bucket, key, data)
}

// ReadNotice returns the notice of a change. It fails with blob.ErrNotFound when
// there is none.
func (r *Records) ReadNotice(ctx context.Context, id string) (Notice, error) {
	key, ok := objects.NoticeKey(id)
	if !ok {
		return Notice{}, fmt.Errorf("read notice: %q is no change id: %w", id, blob.ErrNotFound)
	}
	obj, err := r.bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil {
		return Notice{}, fmt.Errorf("read notice: %w", err)
	}
	return decodeNotice(key, id, obj.Data)
}
