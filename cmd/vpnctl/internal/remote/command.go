package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Outcomes of a command that was not refused.
const (
	Shown    = "shown"   // the answer only shows something
	Accepted = "taken"   // a change was queued, or a vote was accepted
	NotYet   = "not-yet" // an approval needs the code of the plan that is shown
)

// Answer is the answer to a command.
type Answer struct {
	Verb     string           `json:"verb"`
	Outcome  string           `json:"outcome"`
	Text     string           `json:"text"` // the whole answer as text
	Change   *Queued          `json:"change"`
	Server   *Server          `json:"server"`   // that the command is about
	Problems []change.Problem `json:"problems"` // why the shown plan would be refused

	Raw json.RawMessage `json:"-"` // as the function sent it
}

// Server is a server and its settings, where the answer has them.
type Server struct {
	Settings change.Settings `json:"settings"`
}

// Queued is the change that a command is about.
type Queued struct {
	ID       string        `json:"id"`
	Status   change.Status `json:"status"`
	Need     int           `json:"approvalsNeeded"`
	Approved []string      `json:"approvedBy"`
	Window   *change.Gate  `json:"window"` // whether it may be sent when it is due; nil: always
}

// Closed reports whether a window or a freeze does not let it be sent before a time.
func (c Queued) Closed(before time.Time) bool { return closed(c.Window, before) }

// Unapproved reports whether the change waits for approval.
func (c Queued) Unapproved() bool { return !c.Status.Final() && len(c.Approved) < c.Need }

// Command sends one line under a delivery id. One id is executed once, however
// often it is sent. The answer is in the language of the tag; if it is empty,
// the function chooses.
func (c *Client) Command(ctx context.Context, line string, tag lang.Tag, id string) (Answer, error) {
	body, err := json.Marshal(struct {
		Command string   `json:"command"`
		Lang    lang.Tag `json:"lang,omitempty"`
	}{line, tag})
	if err != nil {
		return Answer{}, err
	}
	var out Answer
	if err := c.do(ctx, http.MethodPost, "/v1/commands", Document{Data: body, JSON: true}, id, &out.Raw); err != nil {
		return Answer{}, err
	}
	if err := json.Unmarshal(out.Raw, &out); err != nil {
		return Answer{}, c.foreign(fmt.Sprintf("the answer of %s does not have this function's format: %v", c.base.Host, err))
	}
	if out.Outcome == "" {
		return Answer{}, c.foreign("the answer is not this function's: it has no outcome")
	}
	return out, nil
}
