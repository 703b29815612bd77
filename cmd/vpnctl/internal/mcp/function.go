package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
)

// Function is the function, asked with the assistant's secret. *remote.Client is one.
type Function interface {
	Forward(ctx context.Context, method, path string, body []byte, id string) (remote.Forwarded, error)
}

// function asks the function. All that it answers is bounded here, before anything else
// sees it.
type function struct {
	Function

	newID func() string
}

// refusedError is an answer of the function that is not a success, in words for the
// assistant.
type refusedError struct {
	status   int
	Title    string           `json:"title"`
	Detail   string           `json:"detail"`
	Problems []change.Problem `json:"problems"`
}

// Error lists what the function said.
func (e *refusedError) Error() string {
	lines := []string{fmt.Sprintf("The function refused this (%d): %s", e.status, e.Title)}
	for _, p := range e.Problems {
		lines = append(lines, "- "+p.String())
	}
	if len(e.Problems) == 0 && e.Detail != "" {
		lines = append(lines, e.Detail)
	}
	return strings.Join(lines, "\n")
}

// get reads.
func (f function) get(ctx context.Context, path string, out any) error {
	return f.ask(ctx, http.MethodGet, path, nil, f.newID(), out)
}

// command sends a command under a delivery id. It is sent as the fields say, or not at
// all: see line.
func (f function) command(ctx context.Context, c command.Command, id string, out any) error {
	text, err := line(c)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"command": text, "lang": "en"})
	if err != nil {
		return err
	}
	return f.ask(ctx, http.MethodPost, "/v1/commands", body, id, out)
}

func (f function) ask(ctx context.Context, method, path string, body []byte, id string, out any) error {
	got, err := f.Forward(ctx, method, path, body, id)
	if err != nil {
		return fmt.Errorf("the function did not answer: %s", bounded(err.Error()))
	}
	data, err := boundedJSON(got.Body)
	switch {
	case got.Status/100 != 2:
		no := &refusedError{status: got.Status, Title: http.StatusText(got.Status)}
		_ = json.Unmarshal(data, no) // an answer that is not a problem document leaves the status
		no.Problems = no.Problems[:min(len(no.Problems), maxProblems)]
		return no
	case err != nil || json.Unmarshal(data, out) != nil:
		return errors.New("the answer is not one of this function: check SSLVPN_URL, and that vpnctl is not older than the function")
	default:
		return nil
	}
}

// maxProblems bounds the problems that are passed on.
const maxProblems = 20
