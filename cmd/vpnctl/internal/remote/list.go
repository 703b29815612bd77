package remote

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/sslvpn-change/sslvpn-change/internal/listing"
)

// List returns a page of the list of changes. The parameters are those of GET
// /v1/changes.
func (c *Client) List(ctx context.Context, params url.Values, id string) (listing.Page, error) {
	var out listing.Page
	path := "/v1/changes"
	if len(params) > 0 {
		path += "?" + params.Encode()
	}
	err := c.do(ctx, http.MethodGet, path, Document{}, id, &out)
	if err == nil && out.Changes == nil {
		err = c.foreign("the answer is not this function's: it has no list of changes")
	}
	return out, err
}

// Reindexed is the answer to one step of rebuilding the index.
type Reindexed struct {
	Records int    `json:"records"`
	Next    string `json:"next"`
}

// Reindex takes one step of rebuilding the index: of the records since a day, or behind
// next of the step before.
func (c *Client) Reindex(ctx context.Context, since, next, id string) (Reindexed, error) {
	var out Reindexed
	body := map[string]string{}
	switch {
	case next != "":
		body["next"] = next
	case since != "":
		body["since"] = since
	}
	data, err := json.Marshal(body)
	if err != nil {
		return out, err
	}
	err = c.do(ctx, http.MethodPost, "/v1/reindex", Document{Data: data, JSON: true}, id, &out)
	return out, err
}
