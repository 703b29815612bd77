package handler

import (
	"context"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

const reindexPath = "/v1/reindex"

// postReindex takes one step of rebuilding the index.
func (c *invocation) postReindex(ctx context.Context, s Services, r request) response {
	if format, ok := manifest.FormatOfContentType(r.Header.Get("content-type")); !ok || format != manifest.JSON {
		return problem(415, "media-type", "The Content-Type is not that of a step.", `Send {"since":"2026-01-01"} as application/json, in UTF-8.`)
	}
	from, problems := readReindex(r.Body)
	if len(problems) > 0 {
		return refused(&intake.RefusedError{Problems: problems})
	}
	if _, err := r.use(); err != nil { // it writes
		return c.unavailable(ctx, err)
	}
	step, ans, err := s.Executor().Reindex(ctx, policy.Account{Channel: string(change.FromHTTP), User: r.delivery.Sender}, from)
	switch {
	case err != nil:
		return c.unavailable(ctx, err)
	case ans.Outcome == executor.Refused:
		return refusal(ans, wording.Plain(c.writer(answerLang("", executor.Sender{}, lang.English)).Answer(ans)))
	}
	return reply(200, step)
}

// readReindex reads where a step begins, as strictly as a change document.
func readReindex(body []byte) (from string, problems []change.Problem) {
	const keySince, keyNext = "since", "next"
	hints := document.Hints{
		Empty: "send {}", Depth: "a step needs 1 level", Split: "send one step at a time", Several: "send one step at a time",
		NoValue: "give a value, or leave the key out", List: "send one step at a time", Example: `send {"since":"2026-01-01"}`, Number: "1",
	}
	roots, bad := document.Parse(body, document.JSON, hints)
	if bad != nil {
		return "", []change.Problem{*bad}
	}
	r, root := document.NewReader(hints), roots[0]
	if root.Kind != document.KindMapping {
		return "", []change.Problem{{Line: root.Line, Rule: change.RuleWrongType, Message: "a step is an object, not " + root.Describe(), Hint: hints.Example}}
	}
	r.Keys(root, "", []string{keySince, keyNext}, nil)
	if m, ok := root.Member(keySince); ok {
		text, _ := r.Text(m, "")
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			r.Add(change.Problem{Path: keySince, Line: m.Line, Rule: index.RuleFrom, Message: "since is not a day", Hint: "write the day in UTC, such as 2026-01-01"})
		}
		from = record.From(day)
	}
	if m, ok := root.Member(keyNext); ok {
		from, _ = r.Text(m, "")
	}
	return from, document.Bounded(r.Problems)
}
