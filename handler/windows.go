package handler

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

const windowsPath = "/v1/windows"

// The parameters of GET /v1/windows, beside paramServer.
const (
	paramFrom  = "from"
	paramUntil = "until"
)

// getWindows answers when changes of servers may be sent.
func (c *invocation) getWindows(ctx context.Context, s Services, r request) response {
	q, problems := readScheduleQuery(r.Query, c.Now())
	if len(problems) > 0 {
		return problem(422, "invalid", "The question breaks rules.", "Ask as in GET /v1/windows?server=office-hangzhou&from=2026-11-27T00:00:00%2B08:00&until=2026-12-27T00:00:00%2B08:00.", problems...)
	}
	ans, no := c.read(ctx, r, func(from policy.Account) (executor.Answer, error) { return s.Executor().Windows(ctx, from, q) })
	if no != nil {
		return *no
	}
	res := reply(200, windowsAnswer{From: q.From.UTC(), Until: q.Until.UTC(), Schedules: ans.Schedules, MoreServers: ans.MoreServers, By: ans.By})
	if len(res.Body) <= maxAnswer {
		return res
	}
	return problem(413, "too-large", "The answer would be too large.", "Ask for one server, or for a shorter time.")
}

// windowsAnswer is the answer to GET /v1/windows.
type windowsAnswer struct {
	From        time.Time           `json:"from"`
	Until       time.Time           `json:"until"`
	Schedules   []executor.Schedule `json:"schedules"`
	MoreServers int                 `json:"moreServers,omitempty"` // that the answer leaves out
	By          string              `json:"by"`                    // who asked, by the policy
}

// readScheduleQuery reads the parameters. It gives all their problems.
func readScheduleQuery(query map[string]string, now time.Time) (executor.ScheduleQuery, []change.Problem) {
	params := []string{paramServer, paramFrom, paramUntil}
	var problems []change.Problem
	add := func(path, rule, message, hint string) {
		problems = append(problems, change.Problem{Path: path, Rule: rule, Message: message, Hint: hint})
	}
	for name := range query {
		if !slices.Contains(params, name) {
			add(name, document.RuleUnknownKey, "there is no parameter "+name, "the parameters are "+strings.Join(params, ", "))
		}
	}
	at := func(name string, otherwise time.Time) time.Time {
		text, given := query[name]
		if !given {
			return otherwise
		}
		t, ok := change.ParseLocal(text)
		if !ok {
			add(name, listing.RuleParameterValue, name+" is not a time", "use a time with its zone, such as 2026-11-27T00:00:00+08:00; write the + as %2B")
		}
		return t
	}
	q := executor.ScheduleQuery{Server: query[paramServer], From: at(paramFrom, now)}
	q.Until = at(paramUntil, q.From.Add(executor.ScheduleAhead))
	if len(problems) == 0 && (!q.Until.After(q.From) || q.Until.Sub(q.From) > executor.MaxScheduleAhead) {
		add(paramUntil, listing.RuleParameterValue, "until is not within 366 days after from", "use a later or an earlier time")
	}
	if region, id, ok := strings.Cut(q.Server, "/"); ok {
		q.Region, q.Server = strings.ToLower(region), id
	}
	return q, document.Bounded(problems)
}
