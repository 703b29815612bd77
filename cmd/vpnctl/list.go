package main

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/listing"
)

type listCmd struct {
	functionFlags

	Status []string `placeholder:"STATUS" help:"Only these: waiting, ended, applied, failed, rejected and so on."`
	Server string   `placeholder:"SERVER" help:"Only changes of this server: its name, its id, or region/id."`
	By     string   `placeholder:"WHO" help:"Only what this person or account requested."`
	Since  string   `placeholder:"WHEN" help:"Only from then on: 24h, 7d, or a time such as 2026-11-23T02:00:00+08:00."`
	Until  string   `placeholder:"WHEN" help:"Only before then, likewise."`
	Limit  int      `default:"20" help:"How many changes, 1 to 100."`
	All    bool     `help:"All of them: follow the pages to the end."`
	Cursor string   `placeholder:"CURSOR" help:"Go on behind an earlier list, whose last line has it."`
	JSON   bool     `name:"json" help:"Print the function's answer as JSON."`
}

// maxEmpty bounds the pages without any change that are followed for one list.
const maxEmpty = 50

// Run lists changes: those that wait, then those that ended. A page without a change is no
// end: the filter matches rarely, and the next pages are asked for.
func (c *listCmd) Run(ctx context.Context, t *terminal) error {
	params := c.params()
	if _, problems := listing.Parse(flat(params)); len(problems) > 0 {
		return misused("--%s", problems[0])
	}
	client, err := c.client(t)
	if err != nil {
		return err
	}
	out := listing.Page{Changes: []listing.Change{}}
	for empty := 0; ; {
		page, err := client.List(ctx, params, newDelivery())
		if err != nil {
			return err
		}
		if page.Next != "" && page.Next == params.Get("cursor") {
			return foreign("the function does not go on: it answers the same page again")
		}
		out.Changes, out.Next, out.SearchedUntil = append(out.Changes, page.Changes...), page.Next, page.SearchedUntil
		if len(page.Changes) == 0 {
			empty++
		}
		if out.Next == "" || !c.All && (len(out.Changes) > 0 || empty == maxEmpty) {
			break
		}
		params.Set("cursor", out.Next)
	}
	if c.JSON {
		return printJSON(t, out)
	}
	t.say("%s", renderList(out, t.width(), time.Now()))
	if out.Next != "" {
		t.note("there may be more%s: add --all, or --cursor %s", searched(out), out.Next)
	}
	return nil
}

// searched says how far back a list was searched.
func searched(p listing.Page) string {
	if p.SearchedUntil.IsZero() {
		return ""
	}
	return " before " + here().Moment(p.SearchedUntil)
}

// params are the parameters of the first page.
func (c *listCmd) params() url.Values {
	params := url.Values{}
	for name, value := range map[string]string{
		"status": strings.Join(c.Status, ","), "server": c.Server, "by": c.By, "since": c.Since, "until": c.Until, "cursor": c.Cursor,
	} {
		if value != "" {
			params.Set(name, value)
		}
	}
	params.Set("limit", strconv.Itoa(c.Limit))
	return params
}

// flat is parameters that have one value each.
func flat(params url.Values) map[string]string {
	out := map[string]string{}
	for name := range params {
		out[name] = params.Get(name)
	}
	return out
}
