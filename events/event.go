package events

import (
	"strings"
	"time"
)

// Event is what a trigger delivered. Exactly one field is set.
type Event struct {
	HTTP    *HTTPRequest  `json:"http,omitempty"`
	Objects []ObjectEvent `json:"objects,omitempty"` // never empty when set
	Timer   *Timer        `json:"timer,omitempty"`
	Wake    *Wake         `json:"wake,omitempty"`
	Doctor  *Doctor       `json:"doctor,omitempty"`
}

// HTTPRequest is a request to the HTTP trigger.
type HTTPRequest struct {
	Method    string            `json:"method"`            // upper case
	Path      string            `json:"path"`              // decoded; "/" at least
	RawPath   string            `json:"rawPath,omitempty"` // as the client sent it, percent-encoded
	Header    Header            `json:"header,omitempty"`
	Query     map[string]string `json:"query,omitempty"` // several values of one name are joined with ","
	Body      []byte            `json:"body,omitempty"`  // as the client sent it, base64 of the event undone
	SourceIP  string            `json:"sourceIP,omitempty"`
	RequestID string            `json:"requestID,omitempty"` // often empty; the invocation's context has it always
}

// Header has the fields of a request under lower-case names. The platform
// joins several values of one field with ",".
type Header map[string]string

// Get returns the field's value, or "". The name's case does not matter.
func (h Header) Get(name string) string { return h[strings.ToLower(name)] }

// ObjectEvent says that an object was created in a bucket.
type ObjectEvent struct {
	Name        string `json:"name"` // such as "ObjectCreated:PutObject", never with the prefix "oss:"
	Bucket      string `json:"bucket"`
	Key         string `json:"key"`            // as it came; whether special characters are encoded is not documented
	ETag        string `json:"etag,omitempty"` // without quotes, upper case
	Size        int64  `json:"size"`
	Region      string `json:"region,omitempty"`      // such as "cn-hangzhou"
	AccountID   string `json:"accountID,omitempty"`   // the bucket's owner
	PrincipalID string `json:"principalID,omitempty"` // who wrote the object
	RequestID   string `json:"requestID,omitempty"`   // the write's; equal for duplicates of one event
	Time        string `json:"time,omitempty"`        // as it came
}

// Timer is a tick of a timer trigger.
type Timer struct {
	Name    string    `json:"name"`
	Time    time.Time `json:"time"`              // when it was due, UTC
	Payload string    `json:"payload,omitempty"` // the trigger's payload, a text even where it holds JSON
}

// Wake is a wake-up that the function has set for itself: lanes to look at, at a moment
// that may not have come yet.
type Wake struct {
	At    time.Time  `json:"at"` // UTC
	Lanes []WakeLane `json:"lanes"`
}

// Doctor is an invocation that the function has sent to itself to see whether and how it
// arrives.
type Doctor struct {
	Run  string `json:"run"`            // 26 small letters and digits from 2 to 7
	Fail bool   `json:"fail,omitempty"` // the first delivery is to fail
}

// WakeLane is a lane of a wake-up. Its parts are bounded, and not checked otherwise.
type WakeLane struct {
	Region string `json:"region"`
	Server string `json:"server"`
	Gen    int64  `json:"gen,omitempty"`    // of the lane's chain; 0: none
	Remind bool   `json:"remind,omitempty"` // reminders of the lane are due as well
}
