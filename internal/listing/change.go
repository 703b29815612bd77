package listing

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Page is a part of the list. Changes that wait come first, by server and due time; those
// that ended follow, the newest first.
type Page struct {
	Changes []Change `json:"changes"`
	// Next is the cursor of the next page; "" at the end of the list. A page may have
	// fewer changes than were asked for, and even none, and still have a next page.
	Next string `json:"next,omitempty"`
	// SearchedUntil is how far back the changes that ended were searched, where there is
	// a next page of them.
	SearchedUntil time.Time `json:"searchedUntil,omitzero"`
}

// Change is one change of the list.
type Change struct {
	ID     string        `json:"id"`
	Status change.Status `json:"status"` // queued, waiting and applying: it has not ended

	change.Target

	Name string `json:"name,omitempty"` // of the server, by the policy
	By   string `json:"by"`             // who requested it: the person by the policy, else the account
	// Assistant says that who requested it is an assistant by the policy.
	Assistant bool   `json:"assistant,omitempty"`
	Account   string `json:"account,omitempty"`
	Door      string `json:"door,omitempty"` // file, http, timer or chat

	Requested  change.Patch        `json:"requested,omitempty"` // while it waits
	Changed    []change.Difference `json:"changed,omitempty"`   // after it ended, as in the record
	More       int                 `json:"more,omitempty"`      // settings that Changed leaves out
	Reason     string              `json:"reason,omitempty"`
	Ref        string              `json:"ref,omitempty"`
	AcceptedAt time.Time           `json:"acceptedAt,omitzero"`
	DueAt      time.Time           `json:"dueAt,omitzero"`
	Undoes     string              `json:"undoes,omitempty"` // the change that it undoes by itself

	ApprovedBy []string `json:"approvedBy,omitempty"`

	*Wait
	*End
}

// Ended reports whether the change has ended.
func (c Change) Ended() bool { return c.End != nil }

// Wait says what a change waits for.
type Wait struct {
	AgeMs     int64     `json:"ageMs"` // since it was accepted
	Cause     string    `json:"cause"` // as GET /v1/changes/{id} has it
	Why       string    `json:"why"`
	Until     time.Time `json:"until,omitzero"` // when that is over, or looked at again
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
	Connected int       `json:"connected,omitempty"` // clients, where that is the cause
	WaitsFor  string    `json:"waitsFor,omitempty"`  // the change that is to be confirmed or undone first
	Behind    string    `json:"behind,omitempty"`    // the earlier change of the same settings that has to be sent first

	Window *change.Gate `json:"window,omitempty"` // whether it may be sent when it is due; absent: always

	Need      int      `json:"approvalsNeeded,omitempty"`
	Approvers []string `json:"approvers,omitempty"` // who else may approve it

	Confirm  change.Confirmation `json:"confirm,omitzero"`
	When     string              `json:"when,omitempty"`
	Override string              `json:"override,omitempty"` // the freeze that it overrides
}

// End says how a change ended.
type End struct {
	EndedAt time.Time `json:"endedAt"`
	TookMs  int64     `json:"tookMs"`          // from when it was due until it ended
	Code    string    `json:"code,omitempty"`  // why it did not end well, as in the record
	Undo    string    `json:"undo,omitempty"`  // the change that undoes it unless somebody confirms it
	UndoBy  time.Time `json:"undoBy,omitzero"` // when Undo was to become due
}
