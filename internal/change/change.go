package change

import (
	"encoding/json"
	"strings"
	"time"
)

// Target identifies an SSL-VPN server, and the lane of its changes.
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

// Request is one change as a document or command describes it. It has been checked
// and not accepted: it has no id and is not queued.
type Request struct {
	Target

	Patch       Patch
	Expect      Patch        // values that the server must still have; nil when not given
	ClientToken string       // the caller's own idempotency token; "" when none
	Ref         string       // the caller's ticket
	Reason      string       // free text
	RequestedBy string       // the requester as a file names it; "" for other channels
	NotBefore   time.Time    // zero: immediately
	ExpiresAt   time.Time    // zero: DefaultLifetime after it becomes due
	DryRun      bool         // plan only, send nothing
	Confirm     Confirmation // it is undone unless somebody confirms it in time
	Idle        int          // it is first sent while fewer clients than this are connected; 0: however many are
	Override    string       // the freeze that it is to be sent in spite of; "": none
	Proof       bool         // the function probes the server before and after: see WantsProof
	Restores    bool         // the server had these values before: see Restorable; not stored
	Path        string       // position in the document, such as "changes[0]"; "" for a bare object
	Line        int          // 1-based line of the change; 0 where the format has none
}

// DefaultLifetime is how long a change may be applied after it became due, where
// its document does not say.
const DefaultLifetime = 24 * time.Hour

// Origin says where a change came from.
type Origin struct {
	Kind      OriginKind `json:"kind"`
	Actor     string     `json:"actor"`               // the verified account: principal, webhook sender, trigger
	Person    string     `json:"person,omitempty"`    // the person that the policy gives the account to; "" without a policy
	Assistant bool       `json:"assistant,omitempty"` // the policy says that the person is an assistant
	Source    string     `json:"source"`              // object key, webhook id or trigger time
	RequestID string     `json:"requestId,omitempty"` // the platform's id of the delivery
}

// OriginKind is the channel that a change came in by.
type OriginKind string

// The channels.
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
	Identity   string // the full text that the id is derived from
	Document   string // the short form of its document's identity; part of the id, unless the id is derived from a ClientToken
	Index      int    // the change's number in its document, from 1; 0 for one that undoes another by itself
	Origin     Origin
	Account    Account // that requested it; zero in entries of earlier versions: see Requester
	AcceptedAt time.Time
	DueAt      time.Time // AcceptedAt or NotBefore, the later
	Approvals  int       // how many other people must approve it before it is sent
	Undoes     *Undo     // the change that it undoes by itself; nil for what somebody requested
	// Certificates are the ids of the client certificates whose holders have to change
	// their file, where a plan knew them when the change was requested.
	Certificates []string
	// Reply is the address for the final answer, in the form of the package that
	// sends it. It is a secret: it is stored while the change is queued, and never
	// shown.
	Reply json.RawMessage
}

// Due reports whether a change may be applied at now. One that asks for no time may be
// at once: it may have been accepted by a clock that is ahead of the caller's, such as
// the object store's, which dates files.
func (c Change) Due(now time.Time) bool {
	return !c.DueAt.After(now) || !c.AcceptedAt.IsZero() && !c.DueAt.After(c.AcceptedAt)
}

// Asker is the name of the requester: the person, where the policy knows one, or
// else the account.
func (c Change) Asker() string {
	if c.Origin.Person != "" {
		return c.Origin.Person
	}
	return c.Origin.Actor
}

// Status is the state of a change.
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

// Final reports whether a change with this status has ended.
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
