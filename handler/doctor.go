package handler

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/doctor"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

const doctorPath = "/v1/doctor"

// The rules of a question about the account.
const (
	ruleCheck  = "doctor-check"
	ruleRun    = "doctor-run"
	ruleServer = "doctor-server"
)

// examined makes one check of the account. It works where the preflight fails, and where
// the request cannot be claimed: then the claim is what is to be diagnosed, and a request
// that is repeated makes a harmless check again.
func (c *invocation) examined(ctx context.Context, req *events.HTTPRequest) response {
	res, err := c.verified(ctx, req, c.services, c.postDoctor)
	if err != nil {
		c.log.InfoContext(ctx, "check of the account not claimed", slog.Any("error", err))
	}
	return res
}

// postDoctor makes one check.
func (c *invocation) postDoctor(ctx context.Context, s Services, r request) response {
	if format, ok := manifest.FormatOfContentType(r.Header.Get("content-type")); !ok || format != manifest.JSON {
		return problem(415, "media-type", "The Content-Type is not that of a check.", `Send {"check":"create-only"} as application/json, in UTF-8.`)
	}
	asked, problems := readCheck(r.Body)
	if len(problems) > 0 {
		return refused(&intake.RefusedError{Problems: problems})
	}
	servers, ans, err := s.Executor().Administer(ctx, policy.Account{Channel: string(change.FromHTTP), User: r.delivery.Sender})
	switch {
	case err != nil:
		return c.unavailable(ctx, err)
	case ans.Outcome == executor.Refused:
		return refusal(ans, wording.Plain(c.writer(answerLang("", executor.Sender{}, lang.English)).Answer(ans)))
	}
	if _, err := r.use(); err != nil { // it writes
		if no, ok := errors.AsType[*intake.RefusedError](err); ok && no.Conflict {
			return refused(intake.ReusedID())
		}
	}
	q := doctor.Question{Check: asked.check, Run: asked.run}
	if q.Servers, q.Named, problems = named(asked.server, servers); len(problems) > 0 {
		return refused(&intake.RefusedError{Problems: problems})
	}
	res := s.Doctor().Do(ctx, q)
	c.log.InfoContext(ctx, "account checked", slog.String("check", string(res.Check)), slog.String("result", string(res.Outcome)), slog.String("found", res.Found))
	return reply(200, res)
}

// checkAsked is what a request asks for.
type checkAsked struct {
	check       doctor.Check
	run, server string
}

// readCheck reads a question, as strictly as a change document.
func readCheck(body []byte) (asked checkAsked, problems []change.Problem) {
	const keyCheck, keyRun, keyServer = "check", "run", "server"
	const example = `send {"check":"create-only"}`
	hints := document.Hints{
		Empty: example, Depth: "a question needs 1 level", Split: "ask one question at a time", Several: "ask one question at a time",
		NoValue: "give a value, or leave the key out", List: "ask one question at a time", Example: example, Number: "1",
	}
	roots, bad := document.Parse(body, document.JSON, hints)
	if bad != nil {
		return asked, []change.Problem{*bad}
	}
	r, root := document.NewReader(hints), roots[0]
	if root.Kind != document.KindMapping {
		return asked, []change.Problem{{Line: root.Line, Rule: change.RuleWrongType, Message: "a question is an object, not " + root.Describe(), Hint: example}}
	}
	r.Keys(root, "", []string{keyCheck, keyRun, keyServer}, nil)
	read := func(key string) (string, int) {
		m, ok := root.Member(key)
		if !ok {
			return "", root.Line
		}
		text, _ := r.Text(m, "")
		return text, m.Line
	}
	name, line := read(keyCheck)
	asked.check = doctor.Check(name)
	if !slices.Contains(doctor.Checks(), asked.check) {
		r.Add(change.Problem{Path: keyCheck, Line: line, Rule: ruleCheck, Message: "there is no check of this name", Hint: "the checks are " + checkNames()})
	}
	if asked.run, line = read(keyRun); asked.run != "" && !objects.IsDoctorRun(asked.run) {
		r.Add(change.Problem{Path: keyRun, Line: line, Rule: ruleRun, Message: "this is not the run of a check", Hint: "leave run out, or copy it from the answer that says waiting"})
	}
	asked.server, _ = read(keyServer)
	return asked, document.Bounded(r.Problems)
}

func checkNames() string {
	var names []string
	for _, c := range doctor.Checks() {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

// named gives the servers that a check may look at: those of the policy, and the one that
// is named, if one is.
func named(name string, servers []policy.Server) (all []change.Target, one change.Target, problems []change.Problem) {
	for _, s := range servers {
		all = append(all, s.Target)
		if name != "" && (strings.EqualFold(s.Name, name) || s.ServerID == name || s.String() == name) {
			one = s.Target
		}
	}
	if name == "" || one != (change.Target{}) {
		return all, one, nil
	}
	one, ok := change.ParseTarget(name)
	if !ok || !one.Valid() {
		return nil, one, []change.Problem{{Path: "server", Rule: ruleServer, Message: "the policy names no such server", Hint: "give a name of the policy, or region/id, such as cn-hangzhou/vss-bp18q7hzj6largv4vk2fe"}}
	}
	return append(all, one), one, nil
}

// marked notes that the events of marks have arrived.
func (c *invocation) marked(ctx context.Context, marks []string) error {
	if len(marks) == 0 {
		return nil
	}
	c.did.kind = kindDoctor
	s, err := c.services(ctx)
	if err != nil {
		return err
	}
	for _, key := range marks {
		s.Doctor().Marked(ctx, key)
	}
	return nil
}

// arrived notes that an invocation has arrived which the function has sent to itself. It
// fails where the check asks for it, and is then tried again.
func (c *invocation) arrived(ctx context.Context, d *events.Doctor) (json.RawMessage, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	err = s.Doctor().Arrived(ctx, d.Run, d.Fail)
	if errors.Is(err, doctor.ErrOnPurpose) {
		c.log.InfoContext(ctx, "invocation failed on purpose", slog.String("run", d.Run))
		return nil, err
	}
	return json.Marshal(map[string]string{"trigger": "doctor", "run": d.Run})
}
