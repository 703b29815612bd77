package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/revision"
)

// Whole is an answer, and its bytes as the function sent them.
type Whole[T any] struct {
	Value T
	Raw   json.RawMessage
}

// whole sends a request and decodes the answer.
func whole[T any](ctx context.Context, c *Client, method, path string, body any, id string) (Whole[T], error) {
	var out Whole[T]
	var doc Document
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return out, err
		}
		doc = Document{Data: data, JSON: true}
	}
	if err := c.do(ctx, method, path, doc, id, &out.Raw); err != nil {
		return out, err
	}
	if err := json.Unmarshal(out.Raw, &out.Value); err != nil {
		return out, c.foreign(fmt.Sprintf("the answer of %s does not have this function's format: %v", c.base.Host, err))
	}
	return out, nil
}

// Policy returns the policy in force.
func (c *Client) Policy(ctx context.Context, id string) (Whole[revision.Current], error) {
	return whole[revision.Current](ctx, c, http.MethodGet, "/v1/policy", nil, id)
}

// CheckPolicy returns what a policy would change.
func (c *Client) CheckPolicy(ctx context.Context, text []byte, id string) (Whole[revision.Check], error) {
	return whole[revision.Check](ctx, c, http.MethodPost, "/v1/policy/check", map[string]string{"text": string(text)}, id)
}

// PolicyPut asks for a policy to be put.
type PolicyPut struct {
	Text   string `json:"text"`
	Base   string `json:"base"` // the digest of the policy that it is based on, or "none"
	Reason string `json:"reason,omitempty"`
	GiveUp bool   `json:"giveUpRight,omitempty"`
}

// PutResult is what a put has done.
type PutResult struct {
	Revision   *revision.Revision `json:"revision"`
	Unchanged  bool               `json:"unchanged"`
	Replaced   bool               `json:"replaced"`
	Comparison *policy.Comparison `json:"comparison"`
}

// PutPolicy puts a policy under a delivery id. One id is executed once, however often it is
// sent.
func (c *Client) PutPolicy(ctx context.Context, put PolicyPut, id string) (Whole[PutResult], error) {
	return whole[PutResult](ctx, c, http.MethodPost, "/v1/policy", put, id)
}

// PolicyHistory returns a page of the policies that were put, with numbers below before; 0
// begins with the newest.
func (c *Client) PolicyHistory(ctx context.Context, before int64, limit int, id string) (Whole[revision.History], error) {
	params := url.Values{"limit": {strconv.Itoa(limit)}}
	if before > 0 {
		params.Set("before", strconv.FormatInt(before, 10))
	}
	return whole[revision.History](ctx, c, http.MethodGet, "/v1/policy/history?"+params.Encode(), nil, id)
}

// PolicyRevision returns one policy that was put.
func (c *Client) PolicyRevision(ctx context.Context, number int64, id string) (Whole[revision.Revision], error) {
	return whole[revision.Revision](ctx, c, http.MethodGet, "/v1/policy/history/"+strconv.FormatInt(number, 10), nil, id)
}

// Receipts are the receipts of a change file, the newest first.
type Receipts struct {
	Receipts []record.Receipt `json:"receipts"`
}

// Receipts returns the receipts of the last uploads of a change file, at most limit.
func (c *Client) Receipts(ctx context.Context, path string, limit int, id string) (Whole[Receipts], error) {
	params := url.Values{"path": {path}, "limit": {strconv.Itoa(limit)}}
	return whole[Receipts](ctx, c, http.MethodGet, "/v1/receipts?"+params.Encode(), nil, id)
}
