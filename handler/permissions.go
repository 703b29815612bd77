package handler

import (
	"context"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

const permissionsPath = "/v1/permissions"

// The parameters of GET /v1/permissions.
const (
	paramServer   = "server"
	paramSettings = "settings"
	paramPerson   = "person"
)

// getPermissions answers who may change settings of a server, and who must agree.
func (c *invocation) getPermissions(ctx context.Context, s Services, r request) response {
	q, problems := readQuestion(r.Query)
	if len(problems) > 0 {
		return problem(422, "invalid", "The question breaks rules.", "Ask as in GET /v1/permissions?server=office-hangzhou&settings=Port&person=Mei.", problems...)
	}
	ans, no := c.read(ctx, r, func(from policy.Account) (executor.Answer, error) { return s.Executor().Permissions(ctx, from, q) })
	if no != nil {
		return *no
	}
	return reply(200, permissionsAnswer{Permissions: *ans.Permissions, By: ans.By, Problems: ans.Problems})
}

// read asks the executor what a sender may read. It gives the answer, or the response that
// refuses it.
func (c *invocation) read(ctx context.Context, r request, ask func(policy.Account) (executor.Answer, error)) (executor.Answer, *response) {
	var ans executor.Answer
	err := beside(r.use, func() (err error) {
		ans, err = ask(policy.Account{Channel: string(change.FromHTTP), User: r.delivery.Sender})
		return err
	})
	var no response
	switch {
	case err != nil:
		no = c.unavailable(ctx, err)
	case ans.Outcome == executor.Refused:
		no = refusal(ans, wording.Plain(c.writer(answerLang("", executor.Sender{}, lang.English)).Answer(ans)))
	default:
		return ans, nil
	}
	return ans, &no
}

// permissionsAnswer is the answer to GET /v1/permissions.
type permissionsAnswer struct {
	policy.Permissions

	By       string           `json:"by"` // who asked, by the policy
	Problems []change.Problem `json:"problems,omitempty"`
}

// readQuestion reads the parameters. It gives all their problems.
func readQuestion(query map[string]string) (executor.Question, []change.Problem) {
	params := []string{paramServer, paramSettings, paramPerson}
	q := executor.Question{Server: query[paramServer], Person: query[paramPerson], Settings: change.Fields()}
	var problems []change.Problem
	for name := range query {
		if !slices.Contains(params, name) {
			problems = append(problems, change.Problem{Path: name, Rule: document.RuleUnknownKey, Message: "there is no parameter " + name, Hint: "the parameters are " + strings.Join(params, ", ")})
		}
	}
	if region, id, ok := strings.Cut(q.Server, "/"); ok {
		q.Region, q.Server = region, id
	}
	if q.Server == "" {
		problems = append(problems, change.Problem{Path: paramServer, Rule: change.RuleRequired, Message: "the parameter server is missing", Hint: "name a server of the policy, or give an id or region/id"})
	}
	if text := query[paramSettings]; text != "" {
		q.Settings = nil
		for word := range strings.SplitSeq(text, ",") {
			f, hint := settingOf(strings.TrimSpace(word))
			if f == "" {
				problems = append(problems, change.Problem{Path: paramSettings, Rule: change.RuleUnknownSetting, Message: "there is no setting " + word, Hint: hint})
			} else if !slices.Contains(q.Settings, f) {
				q.Settings = append(q.Settings, f)
			}
		}
	}
	return q, document.Bounded(problems)
}

// settingOf finds a setting by its name in the API or in commands, or else a hint.
func settingOf(word string) (f change.Field, hint string) {
	var known []string
	for _, k := range command.Keys() {
		if k.Field == "" {
			continue
		}
		if strings.EqualFold(word, string(k.Field)) || strings.EqualFold(word, k.Name) || slices.Contains(k.Words, strings.ToLower(word)) {
			return k.Field, ""
		}
		known = append(known, string(k.Field))
	}
	if near := nearest.Word(word, known); near != "" {
		return "", "the nearest is " + near
	}
	return "", "the settings are " + strings.Join(known, ", ")
}
