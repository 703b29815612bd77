package handler

import (
	"context"
	"errors"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

const commandsPath = "/v1/commands"

// commandRequest is the body of POST /v1/commands.
type commandRequest struct {
	line string   // as in chat
	lang lang.Tag // to answer in; "" if the sender does not choose
}

// commandAnswer is the answer to it: for programs, and as a text.
type commandAnswer struct {
	executor.Answer

	Text string `json:"text"`
}

// postCommand executes one command, as chat does.
func (c *invocation) postCommand(ctx context.Context, s Services, r request) response {
	if format, ok := manifest.FormatOfContentType(r.Header.Get("content-type")); !ok || format != manifest.JSON {
		return problem(415, "media-type", "The Content-Type is not that of a command.",
			`Send {"command":"status"} as application/json, in UTF-8.`)
	}
	o, problems := readCommand(r.Body)
	if len(problems) > 0 {
		return refused(&intake.RefusedError{Problems: problems})
	}
	cmd, err := command.Parse(o.line)
	if err != nil {
		w := c.writer(o.langFor(executor.Sender{}))
		return problem(422, "invalid", "The command breaks rules.", wording.Plain(w.BadCommand(err)), wording.CommandProblems(err)...)
	}
	ans, sender, err := s.Executor().Do(ctx, executor.Requester{
		Account: policy.Account{Channel: string(change.FromHTTP), User: r.delivery.Sender},
		Message: intake.Message{Identity: change.HTTPIdentity(r.delivery.Sender, r.delivery.ID), Content: r.Body, Use: r.use},
		Origin:  change.Origin{Kind: change.FromHTTP, Actor: r.delivery.Sender, Source: "webhook-id " + r.delivery.ID, RequestID: c.inv.RequestID},
		Zone:    c.Zone,
	}, cmd)
	if no, ok := errors.AsType[*intake.RefusedError](err); ok {
		return refused(no)
	}
	if err != nil {
		return c.unavailable(ctx, err)
	}
	s.Intake.Wake(ctx, ans.Lanes)
	return answered(c.writer(o.langFor(sender)), ans)
}

// readCommand reads a body as strictly as a change document. It gives all its
// problems.
func readCommand(body []byte) (commandRequest, []change.Problem) {
	const keyCommand, keyLang = "command", "lang"
	hints := document.Hints{
		Empty: `send {"command":"status"}`, Depth: "a command needs 1 level", Split: "send one command of at most 2000 bytes",
		Several: "send one command at a time", NoValue: "give a value, or leave the key out", List: "send one command at a time",
		Example: `send {"command":"status","lang":"en"}`, Number: "1194",
	}
	roots, problem := document.Parse(body, document.JSON, hints)
	if problem != nil {
		return commandRequest{}, []change.Problem{*problem}
	}
	r, root := document.NewReader(hints), roots[0]
	if root.Kind != document.KindMapping {
		return commandRequest{}, []change.Problem{{
			Line: root.Line, Rule: change.RuleWrongType, Message: "a command is an object, not " + root.Describe(), Hint: hints.Example,
		}}
	}
	r.Keys(root, "", []string{keyCommand, keyLang}, nil)
	var o commandRequest
	if m, ok := root.Member(keyCommand); ok {
		o.line, _ = r.Text(m, "")
	}
	if m, ok := root.Member(keyLang); ok {
		tag, ok := r.Text(m, "")
		o.lang = lang.Tag(tag)
		if ok && o.lang != lang.English && o.lang != lang.Chinese {
			r.Add(change.Problem{Path: keyLang, Line: m.Line, Rule: policy.RuleLangUnknown, Message: "lang is neither en nor zh", Hint: "leave it out to be answered in the language of the command"})
		}
	}
	return o, document.Bounded(r.Problems)
}

// langFor is the language to answer in: the one that the sender chose, else that of
// the command, else the person's.
func (o commandRequest) langFor(h executor.Sender) lang.Tag {
	if o.lang != "" {
		return o.lang
	}
	return answerLang(o.line, h, lang.English)
}

// answered renders an answer.
func answered(w wording.Writer, ans executor.Answer) response {
	text := wording.Plain(w.Answer(ans))
	status := 200
	switch ans.Outcome {
	case executor.Refused:
		return refusal(ans, text)
	case executor.Accepted:
		status = 202
	case executor.Shown, executor.NotYet:
	}
	if r := reply(status, commandAnswer{Answer: ans, Text: text}); len(r.Body) <= maxAnswer {
		return r
	}
	return problem(413, "too-large", "The answer would be too large.", "Ask for less at a time, such as history with limit=1.")
}

// refusal answers a command that was refused.
func refusal(ans executor.Answer, text string) response {
	switch ans.Refusal {
	case executor.Forbidden:
		return problem(403, "forbidden", "The policy does not permit this.", text, ans.Problems...)
	case executor.NotFound:
		return problem(404, "not-found", "There is no such server or change.", text, ans.Problems...)
	case executor.TooLate:
		return problem(409, "too-late", "The change has ended, or is being applied.", text, ans.Problems...)
	case executor.Invalid:
		return problem(422, "invalid", "The command breaks rules.", text, ans.Problems...)
	default:
		return problem(422, "invalid", "The command was refused.", text, ans.Problems...)
	}
}
