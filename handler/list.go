package handler

import (
	"context"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/executor"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/listing"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/wording"
)

// listChanges answers a page of the list of changes.
func (c *invocation) listChanges(ctx context.Context, s Services, r request) response {
	q, problems := listing.Parse(r.Query)
	if len(problems) > 0 {
		return problem(422, "invalid", "The query breaks rules.", "Ask as in GET /v1/changes?status=waiting or GET /v1/changes?server=office-hangzhou&since=7d.", problems...)
	}
	var ans executor.Answer
	err := beside(r.use, func() (err error) {
		ans, err = s.Executor().List(ctx, policy.Account{Channel: string(change.FromHTTP), User: r.delivery.Sender}, q)
		return err
	})
	switch {
	case err != nil:
		return c.unavailable(ctx, err)
	case ans.Outcome == executor.Refused:
		return refusal(ans, wording.Plain(c.writer(answerLang("", executor.Sender{}, lang.English)).Answer(ans)))
	}
	if r := reply(200, ans.Page); len(r.Body) <= maxAnswer {
		return r
	}
	return problem(413, "too-large", "The answer would be too large.", "Ask for fewer changes at a time, such as with limit=20.")
}
