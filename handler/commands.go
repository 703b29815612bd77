package handler

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/command"
	"sslvpnchange/internal/desk"
	"sslvpnchange/internal/intake"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/wording"
)

// commandBody is what POST /v1/commands takes.
type commandBody struct {
	Command string `json:"command"` // one line, as in chat
	Lang    string `json:"lang"`    // "en" or "zh"; en when left out
}

// commandAnswer is what it answers: the parts, and the same in words.
type commandAnswer struct {
	desk.Answer

	Text string `json:"text"`
}

// postCommand does what one command asks for, as chat does.
func (c invocation) postCommand(ctx context.Context, s Services, r request) response {
	var body commandBody
	dec := json.NewDecoder(bytes.NewReader(r.Body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil {
		return badCommandBody("the body is no JSON object with the keys command and lang: " + err.Error())
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return badCommandBody("something follows the JSON object")
	}
	speaks := lang.Tag(body.Lang)
	switch speaks {
	case "":
		speaks = lang.English
	case lang.English, lang.Chinese:
	default:
		return badCommandBody("lang is neither en nor zh")
	}
	w := wording.In(speaks)
	cmd, err := command.Parse(body.Command)
	if err != nil {
		return problem(422, "invalid", "The command breaks rules.", wording.Plain(w.BadCommand(err)), wording.CommandProblems(err)...)
	}
	ans, _, err := s.Desk().Do(ctx, desk.Asker{
		Account: policy.Account{Door: string(change.FromHTTP), User: r.delivery.Sender},
		Message: intake.Message{Identity: change.HTTPIdentity(r.delivery.Sender, r.delivery.ID), Content: r.Body},
		Origin:  change.Origin{Kind: change.FromHTTP, Actor: r.delivery.Sender, Source: "webhook-id " + r.delivery.ID, RequestID: c.inv.RequestID},
	}, cmd)
	if no, ok := errors.AsType[*intake.RefusedError](err); ok {
		return refused(no)
	}
	if err != nil {
		return c.unavailable(ctx, err)
	}
	return answered(w, ans)
}

func badCommandBody(detail string) response {
	return problem(400, "unparsable", "The command cannot be read.", detail+`. Send {"command":"status"}.`)
}

// answered renders an answer for programs, and its words for people.
func answered(w wording.Writer, ans desk.Answer) response {
	text := wording.Plain(w.Answer(ans))
	if ans.Outcome == desk.Refused {
		switch ans.Refusal {
		case desk.Forbidden:
			return problem(403, "forbidden", "The policy does not permit this.", text, ans.Problems...)
		case desk.NotFound:
			return problem(404, "not-found", "There is no such server or change.", text, ans.Problems...)
		case desk.TooLate:
			return problem(409, "too-late", "The change has ended, or is being applied.", text, ans.Problems...)
		case desk.Invalid:
			return problem(422, "invalid", "The command breaks rules.", text, ans.Problems...)
		}
	}
	status := 200
	if ans.Outcome == desk.Taken {
		status = 202
	}
	return reply(status, commandAnswer{Answer: ans, Text: text})
}
