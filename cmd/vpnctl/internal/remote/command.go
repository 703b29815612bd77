package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lang"
)

// Outcomes of a command that was not refused.
const (
	Shown  = "shown"   // there was nothing to do but show it
	Taken  = "taken"   // a change is in line, or a word on one was taken
	NotYet = "not-yet" // an approval needs the code of what is shown
)

// Answer is what a command came to.
type Answer struct {
	Verb     string           `json:"verb"`
	Outcome  string           `json:"outcome"`
	Text     string           `json:"text"` // all of it in words
	Change   *InLine          `json:"change"`
	Problems []change.Problem `json:"problems"` // for which what is shown would be refused

	Raw json.RawMessage `json:"-"` // as the function sent it
}

// InLine is a change that a command is about.
type InLine struct {
	ID       string        `json:"id"`
	Status   change.Status `json:"status"`
	Need     int           `json:"approvalsNeeded"`
	Approved []string      `json:"approvedBy"`
}

// Unapproved tells whether the change waits for people.
func (c InLine) Unapproved() bool { return !c.Status.Final() && len(c.Approved) < c.Need }

// Command sends one line under a delivery id: the same id does it once, however
// often it is sent. The answer is in the language of the tag; with none the
// function chooses.
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
		return Answer{}, fmt.Errorf("the answer of %s is not what this function answers: %w", c.base.Host, err)
	}
	if out.Outcome == "" {
		return Answer{}, errors.New("the function's answer has no outcome: is the address that of this function?")
	}
	return out, nil
}
