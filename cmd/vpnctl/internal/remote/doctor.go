package remote

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/sslvpn-change/sslvpn-change/internal/version"
)

// Check asks for one check of the account.
type Check struct {
	Check  string `json:"check"`
	Run    string `json:"run,omitempty"`    // of a result that is waiting
	Server string `json:"server,omitempty"` // that it is about
}

// Checked is the result of a check.
type Checked struct {
	Result string `json:"result"` // ok, finding, not-checked, waiting
	Found  string `json:"found"`
	Run    string `json:"run"` // of what is waited for
}

// Doctor has the function make one check of the account. A request that is repeated
// makes the check again.
func (c *Client) Doctor(ctx context.Context, ask Check, id string) (Checked, error) {
	var out Checked
	data, err := json.Marshal(ask)
	if err != nil {
		return out, err
	}
	err = c.do(ctx, http.MethodPost, "/v1/doctor", Document{Data: data, JSON: true}, id, &out)
	if err == nil && out.Result == "" {
		err = c.foreign("the answer is not this function's: it has no result")
	}
	return out, err
}

// Version is what the function was built from.
func (c *Client) Version(ctx context.Context, id string) (version.Build, error) {
	var out version.Build
	err := c.do(ctx, http.MethodGet, "/v1/version", Document{}, id, &out)
	if err == nil && out.Version == "" {
		err = c.foreign("the answer is not this function's: it has no version")
	}
	return out, err
}
