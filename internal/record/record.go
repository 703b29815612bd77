package record

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
)

// Schema is the schema of a record.
const Schema = "sslvpn-change/record/v1"

// Undo is how a change that was to be confirmed is undone. ID and DueAt are stored with
// the record of the change. Status is that of the undo, and is added when the record is
// read by id: "" while people may still confirm, cancelled when somebody confirmed in
// time, applied when the change was undone.
type Undo struct {
	ID     string        `json:"id"`
	DueAt  time.Time     `json:"dueAt"` // in a stored record, unless somebody gave more time
	Status change.Status `json:"status,omitempty"`
	By     string        `json:"by,omitempty"` // who confirmed
	At     time.Time     `json:"at,omitzero"`  // when the undo ended
}

// Undone reports whether nothing of the change is left; false for nil.
func (u *Undo) Undone() bool {
	return u != nil && (u.Status == change.Applied || u.Status == change.Unchanged)
}

// Record says how one change ended. Its JSON is what HTTP answers and vpnctl show;
// the stored form has the same names.
type Record struct {
	Schema       string                  `json:"schema"`
	ID           string                  `json:"id"`
	Status       change.Status           `json:"status"`
	RegionID     string                  `json:"regionId"`
	ServerID     string                  `json:"sslVpnServerId"`
	GatewayID    string                  `json:"vpnGatewayId,omitempty"`
	Ref          string                  `json:"ref,omitempty"`
	Reason       string                  `json:"reason,omitempty"`
	RequestedBy  string                  `json:"requestedBy,omitempty"` // what the file says; not verified
	Origin       change.Origin           `json:"origin"`
	Identity     string                  `json:"identity"`
	Requested    change.Patch            `json:"requested"`
	Expect       change.Patch            `json:"expect,omitempty"`
	Confirm      string                  `json:"confirm,omitempty"`  // how it had to be confirmed, such as "20m proof"
	When         string                  `json:"when,omitempty"`     // what it had to wait for, such as "idle(5)"
	Override     string                  `json:"override,omitempty"` // the freeze that it overrode, or was to
	Before       change.Settings         `json:"before,omitempty"`
	After        change.Settings         `json:"after,omitempty"`
	Changed      []change.Difference     `json:"changed"`
	Impact       *Impact                 `json:"impact,omitempty"` // on the people who were connected; nil without a difference
	Verified     bool                    `json:"verified"`
	Attempts     []Attempt               `json:"attempts"`
	MergedWith   []string                `json:"mergedWith,omitempty"`
	SupersededBy map[change.Field]string `json:"supersededBy,omitempty"`
	ClientToken  string                  `json:"clientToken,omitempty"` // as sent to the API
	Problems     []change.Problem        `json:"problems,omitempty"`
	Error        *Failure                `json:"error,omitempty"`
	Votes        []change.Vote           `json:"votes,omitempty"` // that decided the change
	// Undo is the undo of a change that was to be confirmed; nil for others.
	Undo *Undo `json:"undo,omitempty"`
	// Undoes is the change that an undo undoes, or would have undone; "" for what
	// somebody requested.
	Undoes     string    `json:"undoes,omitempty"`
	AcceptedAt time.Time `json:"acceptedAt"`
	DueAt      time.Time `json:"dueAt"`
	StartedAt  time.Time `json:"startedAt,omitzero"`
	FinishedAt time.Time `json:"finishedAt"`
	Waited     Waited    `json:"waitedMs"`
	Cost       Cost      `json:"cost"`
	// Version is the version of the function that decided how the change ended; "" in a
	// record of a version before v0.1.0.
	Version string `json:"version,omitempty"`
	// Notice says who in chat was notified. It is stored beside the record, and added
	// when a record is read by id.
	Notice *Notice `json:"notice,omitempty"`
	// ProofWanted says that the server was to be looked at after the change. Proof is
	// what was seen. It is stored beside the record some minutes later, and added when a
	// record is read by id.
	ProofWanted bool   `json:"proof,omitempty"`
	Proof       *Proof `json:"proofResult,omitempty"`
}

// Impact is what a change does to the people who are connected. It has counts and ids
// of certificates, no names and no addresses.
type Impact struct {
	Class          impact.Class `json:"class"`
	Connected      *int         `json:"connected,omitempty"` // when it was planned for the last time; absent when not known
	MaxConnections int          `json:"maxConnections,omitempty"`
	Certificates   []string     `json:"certificates,omitempty"` // whose holders have to change their file, where a plan knew them
}

// Attempt is one API call for the change: every modification, and every other call
// that failed.
type Attempt struct {
	At         time.Time `json:"at"`
	Action     string    `json:"action"`
	HTTPStatus int       `json:"httpStatus"`
	Code       string    `json:"code,omitempty"`
	Class      string    `json:"class,omitempty"`
	RequestID  string    `json:"requestId,omitempty"`
	DurationMs int64     `json:"durationMs"`
}

// Failure is why a change did not end well.
type Failure struct {
	Code      string `json:"code"`
	Class     string `json:"class"`
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
	RequestID string `json:"requestId,omitempty"`
}

// Waited says what the change waited for between its due time and its end, in
// milliseconds.
type Waited struct {
	Gateway  int64 `json:"gateway"`          // the gateway was busy
	Breaker  int64 `json:"breaker"`          // the API was down, or its circuit was open
	Throttle int64 `json:"throttle"`         // the API asked for fewer calls
	Queue    int64 `json:"queue"`            // everything else: other changes, the next invocation
	Window   int64 `json:"window,omitempty"` // a maintenance window was closed, or there was a freeze
	// Recovery is since a worker last said that it has the lease, which died, until another one took over.
	Recovery int64 `json:"recovery,omitempty"`
}

// Cost counts the calls and requests for the change, including those for the
// changes that it was merged with.
type Cost struct {
	VPCCalls    int `json:"vpcCalls"`
	OSSRequests int `json:"ossRequests"`
	Invocations int `json:"invocations"`
}
