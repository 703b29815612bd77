package change

import (
	"encoding/json"
	"strings"
	"time"
)

// Target names an SSL-VPN server, and with it the lane of its changes.
type Target struct {
	RegionID string `json:"regionId"`
	ServerID string `json:"sslVpnServerId"`
}

// String renders the target as region/server, the form used in object keys.
func (t Target) String() string { return t.RegionID + "/" + t.ServerID }

// ParseTarget reads what String renders.
func ParseTarget(s string) (Target, bool) {
	region, server, ok := strings.Cut(s, "/")
	if !ok || region == "" || server == "" || strings.Contains(server, "/") {
		return Target{}, false
	}
	return Target{RegionID: region, ServerID: server}, true
}

// Request is one change as a document asks for it, checked but not accepted
// yet: it has no id and no place in line.
type Request struct {
	Target

	Patch       Patch
	Expect      Patch     // values the server must still have; nil when not asked
	ClientToken string    // the caller's own idempotency token; "" when none
	Ref         string    // the caller's ticket
	Reason      string    // free text
	RequestedBy string    // what a file says of who asks; "" elsewhere
	NotBefore   time.Time // zero: at once
	ExpiresAt   time.Time // zero: DefaultLifetime after it becomes due
	DryRun      bool      // plan only
	Path        string    // where in the document, such as "changes[0]"; "" for a bare object
	Line        int       // 1-based line of the change; 0 where the format has none
}

// DefaultLifetime is how long after it became due a change may still be
// applied when its document does not say.
const DefaultLifetime = 24 * time.Hour

// Origin says where a change came from.
type Origin struct {
	Kind      OriginKind `json:"kind"`
	Actor     string     `json:"actor"`               // who, as verified: principal, webhook sender, trigger
	Person    string     `json:"person,omitempty"`    // who that is by the policy; "" without one
	Source    string     `json:"source"`              // what: object key, webhook id, trigger time
	RequestID string     `json:"requestId,omitempty"` // the platform's id of the delivery
}

// OriginKind is the door a change came through.
type OriginKind string

// The doors.
const (
	FromFile  OriginKind = "file"
	FromHTTP  OriginKind = "http"
	FromTimer OriginKind = "timer"
	FromChat  OriginKind = "chat"
)

// Change is one accepted request.
type Change struct {
	Request

	ID         string
	Identity   string // the full text the id was made from
	Document   string // the short form of its document's identity; part of the id, unless a ClientToken makes that
	Index      int    // the change's number in its document, from 1
	Origin     Origin
	AcceptedAt time.Time
	DueAt      time.Time // AcceptedAt or NotBefore, the later
	Approvals  int       // how many other people must agree before it is sent
	// Reply is where to say how it ended, in the form of whoever will say it. It
	// is a secret: it is stored while the change is in line, and never shown.
	Reply json.RawMessage
}

// Asker names who asked: the person where the policy knows one.
func (c Change) Asker() string {
	if c.Origin.Person != "" {
		return c.Origin.Person
	}
	return c.Origin.Actor
}

// Status says where a change stands.
type Status string

// The statuses. All but the first three are final.
const (
	Queued     Status = "queued"
	Waiting    Status = "waiting"
	Applying   Status = "applying"
	Applied    Status = "applied"
	Unchanged  Status = "unchanged"
	Planned    Status = "planned"
	Rejected   Status = "rejected"
	Superseded Status = "superseded"
	Failed     Status = "failed"
	Expired    Status = "expired"
	Cancelled  Status = "cancelled"
)

// Final tells whether a change with this status has ended.
func (s Status) Final() bool {
	switch s {
	case Applied, Unchanged, Planned, Rejected, Superseded, Failed, Expired, Cancelled:
		return true
	case Queued, Waiting, Applying:
		return false
	default:
		return false
	}
}
