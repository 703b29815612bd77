package remote

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// Forwarded is an answer as the function gave it.
type Forwarded struct {
	Status int
	Body   []byte // JSON; nil where the answer was something else
}

// Forward sends one request and returns the answer, whatever its status is. A POST is
// repeated under its delivery id while the network or the platform fails; a GET is not,
// because its caller asks again.
func (c *Client) Forward(ctx context.Context, method, path string, body []byte, id string) (Forwarded, error) {
	r := request{method: method, path: path, doc: Document{Data: body, JSON: true}, id: id, tries: 1}
	if method == http.MethodPost {
		r.tries = tries
	}
	var out json.RawMessage
	_, err := c.ask(ctx, r, &out)
	if no, ok := errors.AsType[*RefusedError](err); ok {
		return Forwarded{Status: no.Status, Body: no.Raw}, nil
	}
	return Forwarded{Status: http.StatusOK, Body: out}, err
}
