package remote

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Windows is the answer to GET /v1/windows.
type Windows struct {
	From        time.Time  `json:"from"`
	Until       time.Time  `json:"until"`
	Schedules   []Schedule `json:"schedules"`
	MoreServers int        `json:"moreServers"`
}

// Schedule says when changes of a server may be sent.
type Schedule struct {
	change.Target

	Name  string         `json:"name"`
	Parts []SchedulePart `json:"parts"`
}

// SchedulePart is settings that may be changed at the same times.
type SchedulePart struct {
	Settings []change.Field `json:"settings"`
	Windows  []string       `json:"windows"`
	Spans    []ScheduleSpan `json:"spans"`
}

// ScheduleSpan is an opening, or a freeze.
type ScheduleSpan struct {
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Windows []string  `json:"windows"`
	Freeze  string    `json:"freeze"`
	Reason  string    `json:"reason"`
	Need    int       `json:"overrideNeeds"`
}

// Windows asks when changes may be sent: of a server, or of all that the sender may view
// if there is none.
func (c *Client) Windows(ctx context.Context, server string, from, until time.Time, id string) (Windows, error) {
	var out Windows
	params := url.Values{"from": {from.Format(time.RFC3339)}, "until": {until.Format(time.RFC3339)}}
	if server != "" {
		params.Set("server", server)
	}
	err := c.do(ctx, http.MethodGet, "/v1/windows?"+params.Encode(), Document{}, id, &out)
	if err == nil && out.Schedules == nil {
		err = c.foreign("the answer is not this function's: it has no windows")
	}
	return out, err
}
