package remote

import (
	"encoding/json"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Change is the record of an ended change. Before that only the id, the status,
// the time of acceptance and the reason for waiting are set.
type Change struct {
	record.Record

	Why           string       `json:"why"`
	Cause         string       `json:"cause"` // Why, for programs
	NextAttemptAt time.Time    `json:"nextAttemptAt"`
	Window        *change.Gate `json:"window"` // for which it waits; nil: for none
	Approval      *struct {    // nil when no approval is needed
		Need   int               `json:"need"`
		Agreed []json.RawMessage `json:"agreed"`
	} `json:"approval"`

	Raw json.RawMessage `json:"-"` // as the function sent it
}

// Unapproved reports whether the change lacks approvals.
func (c Change) Unapproved() bool {
	return !c.Status.Final() && c.Approval != nil && len(c.Approval.Agreed) < c.Approval.Need
}

// Closed reports whether it waits for a window or a freeze that does not let it be sent
// before a time.
func (c Change) Closed(before time.Time) bool {
	return !c.Status.Final() && c.Cause == "window" && closed(c.Window, before)
}

func closed(g *change.Gate, before time.Time) bool {
	return g != nil && !g.Open && (g.OpensAt.IsZero() || g.OpensAt.After(before))
}

// Expires reports whether its next attempt is its expiry: it waits for approvals alone.
func (c Change) Expires() bool { return c.Cause == "approval" }

// Plan is what one change of a document would do.
type Plan struct {
	Index    int                 `json:"index"`
	RegionID string              `json:"regionId"`
	ServerID string              `json:"sslVpnServerId"`
	DueAt    time.Time           `json:"dueAt,omitzero"`
	Changed  []change.Difference `json:"changed"`
	Problems []change.Problem    `json:"problems"`
	Impact   *impact.Impact      `json:"impact,omitempty"`
	Window   *change.Gate        `json:"window,omitempty"`
}

// UnmarshalJSON decodes the change and keeps the bytes.
func (c *Change) UnmarshalJSON(data []byte) error {
	type plain Change
	var p plain
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	*c = Change(p)
	c.Raw = append(json.RawMessage(nil), data...)
	return nil
}
