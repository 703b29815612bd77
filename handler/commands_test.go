package handler_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// people is a policy for the senders and other doors of these tests.
const people = `
people:
  - {name: bot, accounts: [{door: http, user: chat-bot}]}
  - {name: mei, lang: zh, accounts: [{door: http, user: checker}]}
  - {name: night, accounts: [{door: file, user: "158"}, {door: timer, user: night}]}
servers:
  - {name: one, RegionId: cn-hangzhou, SslVpnServerId: vss-one}
  - {name: two, RegionId: cn-hangzhou, SslVpnServerId: vss-two}
grants:
  - {who: [bot], roles: [operator], servers: [one, two], settings: [Port, Proto]}
  - {who: [mei], roles: [approver], servers: [two]}
  - {who: [night], roles: [viewer], servers: ["*"]}
approvals:
  - {servers: [two], settings: ["*"], need: 1}
`

// newTwoServers gives a harness with two servers and a policy, "" for none.
func newTwoServers(t *testing.T, rules string) *harness {
	t.Helper()
	h := newHarness(t)
	h.Server("vss-one")
	h.Server("vss-two")
	if rules != "" {
		h.rule(rules)
	}
	return h
}

// rule puts a policy into the bucket, which a new instance of the function
// sees at once.
func (h *harness) rule(rules string) {
	h.t.Helper()
	if err := h.Store.Put(h.t.Context(), objects.PolicyFile, []byte(rules)); err != nil {
		h.t.Fatal(err)
	}
	h.start()
}

// says is a command as a request.
func says(line string) call { return saysIn("", line) }

func saysIn(lang, line string) call {
	body := `{"command":` + quoted(line)
	if lang != "" {
		body += `,"lang":` + quoted(lang)
	}
	return call{method: "POST", path: "/v1/commands", body: body + "}", header: map[string]string{"Content-Type": "application/json"}}
}

// quoted writes a text of printable characters and line breaks as JSON.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// by is the request of another sender.
func (c call) by(secret string) call { c.secret = secret; return c }

type told struct {
	Verb, By, Outcome, Text string
	Server                  *struct{ SslVpnServerID, Name string }
	Plan                    *struct {
		Changed []change.Difference
		Code    string
	}
	Change *struct {
		ID, Status, Cause, Asker, Record string
		ApprovalsNeeded                  int
		ApprovedBy, Approvers            []string
	}
	Record *struct{ ID, Status string }
	Line   []struct{ ID string }
	// Pointers, so that what is not there is seen.
	History  *[]struct{ ID string }
	Problems []change.Problem
}

// told sends a command that is not refused.
func (h *harness) told(c call, status int, outcome string) told {
	h.t.Helper()
	var out told
	decode(h.t, h.ask(c, status).Body, &out)
	if out.Outcome != outcome || out.Text == "" || out.Verb == "" {
		h.t.Fatalf("%s: it is %+v, want %s", c.body, out, outcome)
	}
	return out
}

// drain delivers the event of a wake object, as the platform does.
func (h *harness) drain(server string) {
	h.t.Helper()
	h.deliver(string(oss.EventJSON(oss.Event{Name: oss.PutObjectEvent, Bucket: cloudtest.Bucket, Key: "wake/cn-hangzhou/" + server})))
}

func (h *harness) port(server string) int {
	s, _ := h.VPC.Server(server)
	return s.Port
}

func TestCommandsOverHTTP(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	if got := h.told(says("help apply"), 200, "shown"); got.Verb != "help" || got.By != "bot" || !strings.Contains(got.Text, "apply <server>") {
		t.Errorf("help: %+v", got)
	}
	got := h.told(says("plan one port=1195"), 200, "shown")
	if fmt.Sprint(got.Plan.Changed) != "[{Port 1194 1195}]" || got.Server.Name != "one" || !strings.Contains(got.Text, "> apply one port=1195") {
		t.Errorf("plan: %+v", got)
	}
	h.count("queue/", 0)

	got = h.told(says(`apply one port=1195 reason="close 1194" ref=CHG-1`), 202, "taken")
	id := got.Change.ID
	if got.Change.Status != "queued" || got.Change.Asker != "bot" || got.Change.ApprovalsNeeded != 0 || !strings.HasPrefix(got.Change.Record, "results/") {
		t.Errorf("apply: %+v", got.Change)
	}
	if strings.Contains(got.Text, "told here") {
		t.Errorf("it promises to tell somebody who is gone: %s", got.Text)
	}
	h.count("wake/", 1)
	if got := h.told(says("status "+id), 200, "shown"); got.Change.Cause != "in-line" {
		t.Errorf("status of the change: %+v", got.Change)
	}
	if got := h.told(says("status"), 200, "shown"); len(got.Line) != 1 || got.Line[0].ID != id {
		t.Errorf("status of all: %+v", got.Line)
	}
	if got := h.told(says("status vss-one"), 200, "shown"); len(got.Line) != 1 || !strings.Contains(got.Text, "Port = 1194") {
		t.Errorf("status of the server: %+v", got)
	}
	h.drain("vss-one")
	rec := h.record(id)
	if o := rec.Origin; rec.Status != change.Applied || rec.Ref != "CHG-1" || rec.Reason != "close 1194" ||
		o.Kind != change.FromHTTP || o.Actor != "chat-bot" || o.Person != "bot" || !strings.HasPrefix(o.Source, "webhook-id msg_") || o.RequestID != requestID {
		t.Errorf("the record is %+v", rec)
	}
	if got := h.told(says("status "+id), 200, "shown"); got.Record.Status != "applied" || !strings.Contains(got.Text, "> rollback "+id) {
		t.Errorf("status of what has ended: %+v", got)
	}
	if got := h.told(says("history one limit=5"), 200, "shown"); len(*got.History) != 1 || (*got.History)[0].ID != id {
		t.Errorf("history: %+v", got.History)
	}
	back := h.told(says("rollback "+id), 202, "taken")
	if fmt.Sprint(back.Plan.Changed) != "[{Port 1195 1194}]" {
		t.Errorf("rollback: %+v", back.Plan)
	}
	h.told(says("cancel "+back.Change.ID+" reason=stays"), 202, "taken")
	h.drain("vss-one")
	if rec := h.record(back.Change.ID); rec.Status != change.Cancelled || h.port("vss-one") != 1195 {
		t.Errorf("cancel: %+v", rec)
	}
	h.count("queue/", 0)
}

// A program asks, another one approves: no chat is needed for it.
func TestApprovalOverHTTP(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	asked := h.told(says("apply two port=1195"), 202, "taken")
	id := asked.Change.ID
	if asked.Change.Status != "waiting" || asked.Change.ApprovalsNeeded != 1 || fmt.Sprint(asked.Change.Approvers) != "[mei]" || len(asked.Plan.Code) != 8 {
		t.Errorf("the change is %+v, %+v", asked.Change, asked.Plan)
	}
	h.count("wake/", 0)
	look := h.told(says("approve "+id).by(checker), 200, "not-yet")
	if look.Plan.Code != asked.Plan.Code || look.By != "mei" || !strings.Contains(look.Text, "是否批准") {
		t.Errorf("without the code: %+v", look)
	}
	said := h.told(saysIn("en", "approve "+id+" "+look.Plan.Code).by(checker), 202, "taken")
	if said.Change.Status != "queued" || fmt.Sprint(said.Change.ApprovedBy) != "[mei]" || !strings.Contains(said.Text, "is approved") || strings.Contains(said.Text, "told here") {
		t.Errorf("approved: %+v", said)
	}
	h.drain("vss-two")
	if rec := h.record(id); rec.Status != change.Applied || len(rec.Votes) != 1 || rec.Votes[0].Account != "checker" || rec.Votes[0].Person != "mei" {
		t.Errorf("the record is %+v", rec)
	}
	other := h.told(says("apply two port=1196"), 202, "taken").Change.ID
	h.told(says(`reject `+other+` reason="not by day"`).by(checker), 202, "taken")
	h.drain("vss-two")
	if rec := h.record(other); rec.Status != change.Rejected || h.port("vss-two") != 1195 {
		t.Errorf("rejected: %+v", rec)
	}
}

func TestCommandsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	ended := h.told(says("apply one port=1195"), 202, "taken").Change.ID
	h.drain("vss-one")
	line := h.told(says("apply one port=1196"), 202, "taken").Change.ID
	waits := h.told(says("apply two port=1196"), 202, "taken").Change.ID
	h.count("queue/", 2)
	for _, tt := range []struct {
		c          call
		status     int
		kind, rule string
	}{
		{says("plan vss-other port=1195"), 403, "forbidden", "not-permitted"},
		{says("apply one cipher=none"), 403, "forbidden", "not-permitted"},
		{says("status one").by(checker), 404, "not-found", "unknown-server"},
		{says("history one").by(checker), 404, "not-found", "unknown-server"},
		{says("status vss-one").by(checker), 403, "forbidden", "not-permitted"},
		{says("status " + ended).by(checker), 404, "not-found", "no-change"},
		{says("rollback " + ended).by(checker), 404, "not-found", "no-change"},
		{says("approve " + waits), 403, "forbidden", "not-permitted"},
		{says("reject " + waits), 403, "forbidden", "not-permitted"},
		{says("cancel " + waits).by(checker), 403, "forbidden", "not-your-change"},
		{says("plan three port=1195"), 404, "not-found", "unknown-server"},
		{says("status three"), 404, "not-found", "unknown-server"},
		{says("status 20261122-aaaaaaaaaa"), 404, "not-found", "no-change"},
		{says("rollback 20261122-aaaaaaaaaa"), 404, "not-found", "no-change"},
		{says("cancel 20261122-aaaaaaaaaa"), 404, "not-found", "no-change"},
		{says("cancel " + ended), 409, "too-late", "change-ended"},
		{says("rollback " + line), 409, "too-late", "change-under-way"},
		{says("approve " + waits + " aaaaaaaa").by(checker), 422, "invalid", "approval-code"},
		{says("apply one port=443"), 422, "invalid", "port-reserved"},
		{says("apply one port=1197 expect.port=1194"), 422, "invalid", "expect-mismatch"},
		{says("apply one"), 422, "invalid", "no-settings"},
		{says("aply one port=1195"), 422, "invalid", "unknown-verb"},
		{says("apply one prot=tcp"), 422, "invalid", "unknown-key"},
		{says("apply one port=1197\nstatus"), 422, "invalid", "line-break"},
		{says("approve"), 422, "invalid", "missing-change"},
		{says(""), 422, "invalid", "empty"},
		{says("status " + strings.Repeat("x", 2000)), 422, "invalid", "too-long"},
	} {
		p := h.problem(tt.c, tt.status, tt.kind)
		if len(p.Problems) == 0 || p.Problems[0].Rule != tt.rule || p.Problems[0].Message == "" || !strings.HasPrefix(p.Detail, "Rejected\n") && !strings.HasPrefix(p.Detail, "未执行\n") {
			t.Errorf("%s: %+v, want the rule %s", tt.c.body, p, tt.rule)
		}
	}
	h.count("queue/", 2)
	if h.sent() != 1 {
		t.Errorf("%d modifications were sent", h.sent())
	}
}

func TestAnUnlistedAccountMayOnlyAskForHelp(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, strings.ReplaceAll(people, "user: checker", "user: another"))
	for _, line := range []string{"status", "plan one port=1195", "apply one port=1195", "cancel 20261122-aaaaaaaaaa"} {
		p := h.problem(says(line).by(checker), 403, "forbidden")
		if len(p.Problems) != 1 || p.Problems[0].Rule != policy.RuleUnknownAccount || !strings.Contains(p.Problems[0].Hint, "{door: http, user: checker}") {
			t.Errorf("%s: %+v", line, p)
		}
	}
	h.told(says("help").by(checker), 200, "shown")
	h.count("queue/", 0)
}

// Without a policy a sender may request what it may by documents, and nobody approves.
func TestCommandsWithoutAPolicy(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, "")
	got := h.told(says("apply cn-hangzhou/vss-one port=1195"), 202, "taken")
	if got.By != "http:chat-bot" || got.Change.ApprovalsNeeded != 0 {
		t.Errorf("it is %+v", got)
	}
	p := h.problem(says("approve "+got.Change.ID+" aaaaaaaa").by(checker), 403, "forbidden")
	if !strings.Contains(p.Detail, objects.PolicyFile) {
		t.Errorf("it does not say what is missing: %s", p.Detail)
	}
	h.drain("vss-one")
	if h.record(got.Change.ID).Status != change.Applied {
		t.Error("it was not applied")
	}
}

func TestTheSameCommandAgain(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	apply := again(says("apply one port=1195"))
	first := h.ask(apply, 202)
	if second := h.ask(apply, 202); second.Body != first.Body && !sameChange(t, first.Body, second.Body) {
		t.Errorf("first %s\nagain %s", first.Body, second.Body)
	}
	h.count("queue/", 1)
	h.count("claims/", 2)
	h.drain("vss-one")
	var ended told
	decode(t, h.ask(apply, 202).Body, &ended)
	if ended.Record == nil || ended.Record.Status != "applied" || !sameChange(t, first.Body, marshal(t, ended)) {
		t.Errorf("when it has ended: %+v", ended)
	}
	h.drain("vss-one")
	h.count("queue/", 0)
	if h.sent() != 1 {
		t.Errorf("%d modifications were sent", h.sent())
	}
	p := h.problem(again(says("apply one port=1196")), 409, "conflict")
	if len(p.Problems) != 1 || p.Problems[0].Rule != "webhook-id-reused" {
		t.Errorf("with another body: %+v", p.Problems)
	}
	h.problem(again(post("/v1/changes", setPort)), 409, "conflict")
	other := again(says("apply one port=1196")).by(checker) // another sender's ids are others
	h.problem(other, 404, "not-found")
	h.count("queue/", 0)
	doc := post("/v1/changes", setPort)
	doc.id = "msg_document"
	h.accepted(doc)
	cmd := says("apply one port=1196")
	cmd.id = "msg_document"
	h.problem(cmd, 409, "conflict")
	h.count("queue/", 1)
}

func sameChange(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y told
	decode(t, a, &x)
	decode(t, b, &y)
	return x.Change != nil && y.Change != nil && x.Change.ID == y.Change.ID && x.Outcome == y.Outcome
}

// Before a command is read it is known who sent it.
func TestUnsignedCommandsGetTheAnswerOfEveryRoute(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	want := h.ask(post("/v1/changes", setPort).by("none"), 401)
	late := says("status")
	late.age = 6 * time.Minute
	before := len(h.OSS.Requests())
	for name, c := range map[string]call{
		"unsigned": says("status").by("none"), "another secret": says("status").by(stranger), "too old": late,
		"no command": {method: "POST", path: "/v1/commands", body: "{", secret: "none"},
		"altered":    says("status").with("webhook-signature", "v1,AAAA"),
	} {
		if got := h.ask(c, 401); got.Body != want.Body || fmt.Sprint(got.Headers) != fmt.Sprint(want.Headers) {
			t.Errorf("%s: %s", name, got.Body)
		}
	}
	if n := len(h.OSS.Requests()) - before; n != 0 {
		t.Errorf("they cost %d requests to the store", n)
	}
	if a := h.ask(call{method: "GET", path: "/v1/commands"}, 405); a.Headers["Allow"] != "POST" {
		t.Errorf("Allow is %q", a.Headers["Allow"])
	}
}

func TestBodiesThatAreNoCommand(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	of := func(mediaType, body string) call {
		c := says("")
		c.body = body
		return c.with("Content-Type", mediaType)
	}
	good := `{"command":"status"}`
	for _, mediaType := range []string{"", "text/plain", "application/yaml", "application/x-www-form-urlencoded", "application/json; charset=gbk"} {
		h.problem(of(mediaType, good), 415, "media-type")
	}
	for _, c := range []call{
		of("Application/JSON; charset=UTF-8", good), of("application/json", "\uFEFF "+good+"\n"),
		of("application/json", `{"lang":"en","command":"  status  "}`),
	} {
		h.told(c, 200, "shown")
	}
	for body, rule := range map[string]string{
		"": "empty-document", "{": "json-syntax", "status": "json-syntax", good + good: "json-syntax", `{"command":"a" "b"}`: "json-syntax",
		strings.Repeat("[", 50): "too-deep",
	} {
		if p := h.problem(of("application/json", body), 400, "unparsable"); len(p.Problems) != 1 || p.Problems[0].Rule != rule {
			t.Errorf("%q: %+v, want %s", body, p.Problems, rule)
		}
	}
	for body, rules := range map[string][]string{
		"null": {"wrong-type"}, "[]": {"wrong-type"}, `"status"`: {"wrong-type"}, "{}": {"empty"},
		`{"command":7}`: {"wrong-type"}, `{"command":null}`: {"wrong-type"}, `{"command":["status"]}`: {"wrong-type"},
		`{"Command":"status"}`: {"unknown-key"}, `{"command":"status","comand":"x"}`: {"unknown-key"},
		`{"command":"status","command":"apply one port=1195"}`: {"duplicate-key"},
		`{"command":"status","lang":"fr"}`:                     {"lang-unknown"}, `{"command":"status","lang":""}`: {"lang-unknown"},
		`{"command":true,"lang":1,"id":"x"}`: {"wrong-type", "wrong-type", "unknown-key"},
	} {
		p := h.problem(of("application/json", body), 422, "invalid")
		var got []string
		for _, problem := range p.Problems {
			got = append(got, problem.Rule)
		}
		slices.Sort(got)
		slices.Sort(rules)
		if !slices.Equal(got, rules) {
			t.Errorf("%q: %q, want %q", body, got, rules)
		}
	}
	binary := of("application/json", "{\"command\":\"status \xff\"}")
	binary.base64 = true
	h.problem(binary, 400, "unparsable")
	h.problem(of("application/json", `{"command":"`+strings.Repeat("x", 1<<20)+`"}`), 413, "too-large")
	h.count("claims/", 31) // one for each signed request, and one for each command
	h.count("queue/", 0)
}

func TestAnswersInChinese(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	for _, tt := range []struct {
		c       call
		chinese bool
	}{
		{saysIn("zh", "plan one port=1195"), true},
		{says("预览 one 端口=1195"), true},
		{saysIn("en", "预览 one 端口=1195"), false},
		{says("plan one port=1195"), false},
		{says("plan two port=1195").by(checker), true}, // by the person's language
		{saysIn("en", "plan two port=1195").by(checker), false},
	} {
		got := h.told(tt.c, 200, "shown")
		if strings.Contains(got.Text, "变更预览") != tt.chinese || fmt.Sprint(got.Plan.Changed) != "[{Port 1194 1195}]" {
			t.Errorf("%s: %s", tt.c.body, got.Text)
		}
	}
	for _, tt := range []struct {
		c    call
		kind string
		want string
	}{
		{saysIn("zh", "apply one cipher=none"), "forbidden", "按策略，bot 不能在 one"},
		{says("变更 one 端口=443"), "invalid", "端口"},
		{saysIn("zh", "aply one"), "invalid", "没有 aply 这个命令"},
	} {
		status := map[string]int{"forbidden": 403, "invalid": 422}[tt.kind]
		p := h.problem(tt.c, status, tt.kind)
		if !strings.Contains(p.Detail, tt.want) || strings.ContainsAny(p.Problems[0].Message, "的是有没") {
			t.Errorf("%s: %s; for programs: %s", tt.c.body, p.Detail, p.Problems[0].Message)
		}
	}
	h.told(saysIn("zh", "变更 one 端口=1195 原因=“停用 1194”"), 202, "taken")
}

func TestAPolicyThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people+"secretKey: nobody-may-see-this\n")
	for _, c := range []call{says("status"), says("apply one port=1195").by(checker), says("help"), post("/v1/changes", setPort), post("/v1/plans", setPort)} {
		a := h.ask(c, 503)
		if !strings.Contains(a.Body, "problem:policy") || !strings.Contains(a.Body, objects.PolicyFile) || a.Headers["Retry-After"] == "" {
			t.Errorf("%s: %s", c.path, a.Body)
		}
		if strings.Contains(a.Body, "secretKey") || strings.Contains(a.Body, "nobody-may") || strings.Contains(a.Body, "mei") || strings.Contains(a.Body, "line") {
			t.Errorf("%s: it shows what is in the policy: %s", c.path, a.Body)
		}
	}
	if !strings.Contains(h.log.String(), "secretKey") {
		t.Error("the log does not say what is wrong")
	}
	h.count("queue/", 0)
	apply := again(says("apply one port=1195"))
	h.problem(apply, 503, "policy")
	h.rule(people)
	h.told(apply, 202, "taken") // repeated as it was
	h.count("queue/", 1)
}

// The policy holds for documents, too, whichever way they come.
func TestDocumentsThatThePolicyForbids(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	p := h.problem(post("/v1/changes", setPort+"Cipher: none\n"), 403, "forbidden")
	if len(p.Problems) != 1 || p.Problems[0].Rule != policy.RuleNotPermitted || !strings.Contains(p.Problems[0].Message, "Cipher") {
		t.Errorf("over HTTP: %+v", p)
	}
	h.problem(post("/v1/changes", setPort).by(checker), 403, "forbidden")
	id := h.accepted(post("/v1/changes", setPort))[0]
	for _, path := range []string{"/v1/changes/" + id, "/v1/plans"} { // who may not read, may not read this either
		c := get(path)
		if path == "/v1/plans" {
			c = post(path, setPort)
		}
		h.ask(c, 200)
		if path != "/v1/plans" {
			h.problem(c.by(checker), 404, "no-change")
			continue
		}
		if p := h.problem(c.by(checker), 403, "forbidden"); len(p.Problems) != 1 || p.Problems[0].Rule != policy.RuleNotPermitted {
			t.Errorf("%s: %+v", path, p)
		}
	}

	s := h.deliver(string(oss.EventJSON(h.upload("changes/a.yaml", setPort))))
	if len(s.Files) != 1 || s.Files[0].Status != "rejected" || s.Files[0].Receipt == "" || len(s.Files[0].Problems) != 1 || s.Files[0].Problems[0].Rule != policy.RuleNotPermitted {
		t.Errorf("as a file: %+v", s.Files)
	}
	h.count("receipts/", 1)
	e := h.upload("changes/b.yaml", setPort)
	e.Principal = "159"
	if s := h.deliver(string(oss.EventJSON(e))); len(s.Files) != 1 || len(s.Files[0].Problems) != 1 || s.Files[0].Problems[0].Rule != policy.RuleUnknownAccount {
		t.Errorf("as a stranger's file: %+v", s.Files)
	}

	at := h.Clock.Now().Add(-time.Minute)
	for name, rule := range map[string]string{"night": policy.RuleNotPermitted, "noon": policy.RuleUnknownAccount} {
		s := h.deliver(tick(name, at, setPort))
		if s.Rejected == "" || len(s.Problems) != 1 || s.Problems[0].Rule != rule {
			t.Errorf("by the timer %s: %+v", name, s)
			continue
		}
		if rec := h.record(s.Rejected); rec.Status != change.Rejected || rec.Error.Code != rule || rec.Error.Hint == "" {
			t.Errorf("by the timer %s: %+v", name, rec)
		}
	}
	h.count("queue/", 1)
	h.count("results/", 2)
}
