package handler

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/revision"
)

const policyPath = "/v1/policy"

// policy answers the routes below policyPath, by what follows it.
func (c *invocation) policy(ctx context.Context, req *events.HTTPRequest, rest string) response {
	number, isRevision := strings.CutPrefix(rest, "/history/")
	switch {
	case rest == "":
		return c.allow(req, []string{"GET", "POST"}, func() response {
			if req.Method == http.MethodGet {
				return c.signed(ctx, req, c.getPolicy)
			}
			return c.signed(ctx, req, c.postPolicy)
		})
	case rest == "/check":
		return c.allow(req, []string{"POST"}, func() response { return c.signed(ctx, req, c.checkPolicy) })
	case rest == "/history":
		return c.allow(req, []string{"GET"}, func() response { return c.signed(ctx, req, c.listRevisions) })
	case isRevision && number != "" && !strings.Contains(number, "/"):
		return c.allow(req, []string{"GET"}, func() response {
			return c.signed(ctx, req, func(ctx context.Context, s Services, r request) response {
				return c.getRevision(ctx, s, r, number)
			})
		})
	default:
		return nothingHere()
	}
}

// sender is the account of whoever signed a request.
func (r request) sender() policy.Account {
	return policy.Account{Channel: string(change.FromHTTP), User: r.delivery.Sender}
}

// getPolicy shows the policy in force.
func (c *invocation) getPolicy(ctx context.Context, s Services, r request) response {
	var out revision.Current
	err := beside(r.use, func() (err error) {
		out, err = s.Revisions.Current(ctx, r.sender())
		return err
	})
	return c.ofPolicy(ctx, r, out, err)
}

// listRevisions shows a page of the policies that were put.
func (c *invocation) listRevisions(ctx context.Context, s Services, r request) response {
	before, limit, problems := readPage(r.Query)
	if len(problems) > 0 {
		return problem(422, "invalid", "The query breaks rules.", "Ask as in GET /v1/policy/history?limit=20.", problems...)
	}
	var out revision.History
	err := beside(r.use, func() (err error) {
		out, err = s.Revisions.History(ctx, r.sender(), before, limit)
		return err
	})
	return c.ofPolicy(ctx, r, out, err)
}

// getRevision shows one policy that was put.
func (c *invocation) getRevision(ctx context.Context, s Services, r request, number string) response {
	n, err := strconv.ParseInt(number, 10, 64)
	var out revision.Revision
	err = errors.Join(err, beside(r.use, func() (err error) {
		if strconv.FormatInt(n, 10) != number { // "+1", "007", or not in range
			n = 0
		}
		out, err = s.Revisions.Revision(ctx, r.sender(), n)
		return err
	}))
	if no, ok := errors.AsType[*revision.RefusedError](err); ok && no.Kind == revision.NotFound && n == 0 {
		err = revision.Unknown(number)
	}
	return c.ofPolicy(ctx, r, out, err)
}

// checkPolicy says what a policy would change.
func (c *invocation) checkPolicy(ctx context.Context, s Services, r request) response {
	body, no := readPolicyBody(r, false)
	if no != nil {
		return *no
	}
	var out revision.Check
	err := beside(r.use, func() (err error) {
		out, err = s.Revisions.Check(ctx, r.sender(), []byte(body.text))
		return err
	})
	return c.ofPolicy(ctx, r, out, err)
}

// putAnswer is the answer to a policy that was put.
type putAnswer struct {
	Revision   *revision.Revision `json:"revision,omitempty"`
	Unchanged  bool               `json:"unchanged,omitempty"`
	Replaced   bool               `json:"replaced,omitempty"`
	Comparison *policy.Comparison `json:"comparison,omitempty"`
}

// postPolicy puts a policy.
func (c *invocation) postPolicy(ctx context.Context, s Services, r request) response {
	body, no := readPolicyBody(r, true)
	if no != nil {
		return *no
	}
	first, err := r.use() // it writes
	if err != nil {
		return c.unavailable(ctx, err) // signed answers instead
	}
	res, err := s.Revisions.Put(ctx, revision.Put{
		From: r.sender(), Identity: change.HTTPIdentity(r.delivery.Sender, r.delivery.ID), RequestID: c.inv.RequestID, Again: !first,
		Text: []byte(body.text), Base: body.base, Reason: body.reason, GiveUp: body.giveUp,
	})
	if err == nil && res.Revision != nil && !res.Unchanged && !res.Replaced && s.Announce != nil {
		s.Announce(ctx, *res.Revision, res.Rooms)
	}
	return c.ofPolicy(ctx, r, putAnswer{res.Revision, res.Unchanged, res.Replaced, res.Comparison}, err)
}

// ofPolicy answers with what was read or done, or with the problem.
func (c *invocation) ofPolicy(ctx context.Context, r request, out any, err error) response {
	no, isRefusal := errors.AsType[*revision.RefusedError](err)
	switch {
	case err == nil:
		if res := reply(200, out); len(res.Body) <= maxAnswer {
			return res
		}
		return problem(413, "too-large", "The answer would be too large.", "Read the policy in the bucket.")
	case !isRefusal:
		return c.unavailable(ctx, err)
	}
	switch no.Kind {
	case revision.Forbidden:
		c.log.WarnContext(ctx, "request about the policy refused: its sender is no editor",
			slog.String("sender", r.delivery.Sender), slog.String("source_ip", r.SourceIP), slog.String("path", r.Path))
		return refused(&intake.RefusedError{Forbidden: true, Problems: no.Problems})
	case revision.Outdated:
		return problem(409, "policy-outdated", "Another policy is in force than the one that yours is based on.", "Nothing was put.", no.Problems...)
	case revision.UnderWay:
		return problem(503, "policy-under-way", "Another policy is being put.", "Repeat the request unchanged, with the same webhook-id: it will not be executed twice.", no.Problems...).
			with("Retry-After", "5")
	case revision.NotFound:
		return problem(404, "no-policy", "There is no such policy.", "GET /v1/policy shows the one in force, GET /v1/policy/history those that were put.", no.Problems...)
	case revision.Invalid:
		return refused(&intake.RefusedError{Problems: no.Problems})
	default:
		return c.unavailable(ctx, err)
	}
}

// readPage reads the parameters of a page of the history.
func readPage(query map[string]string) (before int64, limit int, problems []change.Problem) {
	const paramBefore, paramLimit = "before", "limit"
	limit = revision.DefaultPage
	for name, value := range query {
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case name != paramBefore && name != paramLimit:
			problems = append(problems, change.Problem{Path: name, Rule: document.RuleUnknownKey, Message: "there is no parameter " + document.ShownKey(name), Hint: "the parameters are before and limit"})
		case name == paramBefore && err == nil && n > 0 && n <= revision.MaxNumber:
			before = n
		case name == paramLimit && err == nil && n > 0 && n <= revision.MaxPage:
			limit = int(n)
		case name == paramBefore:
			problems = append(problems, change.Problem{Path: name, Rule: change.RuleWrongType, Message: "before is not the number of a revision", Hint: "copy it from next of the page before"})
		default:
			problems = append(problems, change.Problem{Path: name, Rule: change.RuleWrongType, Message: "limit is not 1 to " + strconv.Itoa(revision.MaxPage), Hint: "write the number of revisions of a page"})
		}
	}
	return before, limit, problems
}

// policyBody is what a request to check or put a policy has.
type policyBody struct {
	text, base, reason string
	giveUp             bool
}

// The keys of a request about a policy.
const (
	keyText   = "text"
	keyBase   = "base"
	keyReason = "reason"
	keyGiveUp = "giveUpRight"
	noBase    = "none"
)

// readPolicyBody reads a request to check a policy, or to put it. The keys of the two
// differ: a signature does not cover the path, and a request to check must not put.
func readPolicyBody(r request, put bool) (policyBody, *response) {
	example := `{"text":"people: …"}`
	keys := []string{keyText}
	if put {
		example = `{"text":"people: …","base":"<digest of the policy that it is based on, or none>","reason":"…"}`
		keys = append(keys, keyBase, keyReason, keyGiveUp)
	}
	if format, ok := manifest.FormatOfContentType(r.Header.Get("content-type")); !ok || format != manifest.JSON {
		res := problem(415, "media-type", "The Content-Type is not that of a policy.", "Send "+example+" as application/json, in UTF-8.")
		return policyBody{}, &res
	}
	hints := document.Hints{
		Empty: "send " + example, Depth: "a request has 1 level", Split: "name people and servers by patterns", Several: "send one policy",
		NoValue: "give a value, or leave the key out", List: "write one text", Example: "send " + example, Number: "1",
	}
	refuse := func(problems ...change.Problem) (policyBody, *response) {
		res := refused(&intake.RefusedError{Problems: document.Bounded(problems)})
		return policyBody{}, &res
	}
	roots, bad := document.Parse(r.Body, document.JSON, hints)
	if bad != nil {
		return refuse(*bad)
	}
	read, root := document.NewReader(hints), roots[0]
	if root.Kind != document.KindMapping {
		return refuse(change.Problem{Line: root.Line, Rule: change.RuleWrongType, Message: "a request is an object, not " + root.Describe(), Hint: hints.Example})
	}
	read.Keys(root, "", keys, nil)
	for _, key := range keys[:min(len(keys), 2)] { // text, and base of a put
		if _, ok := root.Member(key); !ok && !read.Reported(key) {
			read.Add(change.Problem{Path: key, Line: root.Line, Rule: policy.RuleKeyMissing, Message: key + " is missing", Hint: hints.Example})
		}
	}
	out := policyBody{text: read.TextOf(root, keyText, ""), base: read.TextOf(root, keyBase, ""), reason: read.TextOf(root, keyReason, "")}
	if m, ok := root.Member(keyGiveUp); ok {
		out.giveUp, _ = read.Flag(m, "")
	}
	read.Problems = append(read.Problems, out.judge(root)...)
	if len(read.Problems) > 0 {
		return refuse(read.Problems...)
	}
	if out.base == noBase {
		out.base = ""
	}
	return out, nil
}

// judge checks the values of a request.
func (b policyBody) judge(root *document.Node) (problems []change.Problem) {
	const maxReason = 500
	if _, ok := root.Member(keyBase); ok && b.base != noBase && !isDigest(b.base) {
		problems = append(problems, change.Problem{
			Path: keyBase, Rule: change.RuleWrongType, Message: "base is not the digest of a policy", Hint: "copy digest from GET /v1/policy, or write none where there is no policy",
		})
	}
	if _, c, hidden := change.Hidden(b.reason); hidden || strings.ContainsAny(b.reason, "\r\n\t") || len(b.reason) > maxReason {
		hint := "write one line of at most " + strconv.Itoa(maxReason) + " bytes"
		if hidden {
			hint = "remove " + change.Shown(c)
		}
		problems = append(problems, change.Problem{Path: keyReason, Rule: policy.RuleReasonFormat, Message: "reason is not one line that is shown as it is", Hint: hint})
	}
	return problems
}

// isDigest reports whether a text is a SHA-256 in hexadecimal digits.
func isDigest(text string) bool {
	const length = 64
	return len(text) == length && strings.Trim(text, "0123456789abcdef") == ""
}
