package handler

import (
	"context"

	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// listChanges answers a page of the list of changes.
func (c *invocation) listChanges(ctx context.Context, s Services, r request) response {
	q, problems := listing.Parse(r.Query)
	if len(problems) > 0 {
		return problem(422, "invalid", "The query breaks rules.", "Ask as in GET /v1/changes?status=waiting or GET /v1/changes?server=office-hangzhou&since=7d.", problems...)
	}
	ans, no := c.read(ctx, r, func(from policy.Account) (executor.Answer, error) { return s.Executor().List(ctx, from, q) })
	if no != nil {
		return *no
	}
	if r := reply(200, ans.Page); len(r.Body) <= maxAnswer {
		return r
	}
	return problem(413, "too-large", "The answer would be too large.", "Ask for fewer changes at a time, such as with limit=20.")
}
