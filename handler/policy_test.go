package handler_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/function"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/revision"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// edited is a policy with a person for each role. %s is for what tests add.
const edited = `people:
  - {name: ed, accounts: [{door: http, user: editor}]}
  - {name: flo, accounts: [{door: http, user: second}]}
  - {name: view, accounts: [{door: http, user: viewer}]}
  - {name: op, accounts: [{door: http, user: operator}]}
  - {name: app, accounts: [{door: http, user: approver}]}
  - {name: adm, accounts: [{door: http, user: admin}]}
servers:
  - {name: one, RegionId: cn-hangzhou, SslVpnServerId: vss-one}
grants:
  - {who: [ed, flo], roles: [policy-editor], servers: ["*"]}
  - {who: [view], roles: [viewer], servers: ["*"]}
  - {who: [op], roles: [operator], servers: ["*"], settings: [Port]}
  - {who: [app], roles: [approver], servers: ["*"]}
  - {who: [adm], roles: [admin], servers: ["*"]}
`

// keyOf is the secret of a sender of these tests.
func keyOf(sender string) string {
	return webhook.SecretPrefix + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(sender+"-secret-", 4)[:24]))
}

func senders() []string {
	return []string{"editor", "second", "viewer", "operator", "approver", "admin", "stranger", "rescue"}
}

// newEdited gives a harness with a policy, "" for none, and a sender for each role.
// Rescue is the sender in POLICY_EDITORS.
func newEdited(t *testing.T, rules string) *harness {
	t.Helper()
	h := newHarness(t)
	h.Server("vss-one")
	h.cfg.NoPolicy = false
	h.cfg.Senders = nil
	for _, name := range senders() {
		list, err := webhook.ParseSenders(name + "=" + keyOf(name))
		if err != nil {
			t.Fatal(err)
		}
		h.cfg.Senders = append(h.cfg.Senders, list...)
	}
	h.cfg.Editors = []string{"rescue"}
	h.start()
	if rules != "" {
		h.rule(rules)
	}
	return h
}

func (c call) from(sender string) call { c.secret = keyOf(sender); return c }

// putting is a request of editor to put a policy.
func (h *harness) putting(text, base string) call {
	h.t.Helper()
	return jsonPost("/v1/policy", marshal(h.t, map[string]any{"text": text, "base": base, "reason": "CHG-7"})).from("editor")
}

type currentPolicy struct {
	Text, Digest         string
	Revision, Unfinished *revisionDoc
	Problems             []struct{ Rule string }
}

type revisionDoc struct {
	Number                                          int64
	By, Account, Digest, Previous, Reason, Text, At string
	InForce, Damaged                                bool
}

type putDoc struct {
	Revision            *revisionDoc
	Unchanged, Replaced bool
	Comparison          *policy.Comparison
}

func (h *harness) current(sender string) currentPolicy {
	h.t.Helper()
	var out currentPolicy
	decode(h.t, h.ask(get("/v1/policy").from(sender), 200).Body, &out)
	return out
}

func (h *harness) put(c call) putDoc {
	h.t.Helper()
	var out putDoc
	decode(h.t, h.ask(c, 200).Body, &out)
	return out
}

// stored is what is in the bucket.
func (h *harness) stored() string {
	h.t.Helper()
	obj, err := h.Store.Get(h.t.Context(), objects.PolicyFile, blob.GetOptions{})
	if err != nil {
		h.t.Fatal(err)
	}
	return string(obj.Data)
}

func (h *harness) history() []revisionDoc {
	h.t.Helper()
	var out struct{ Revisions []revisionDoc }
	decode(h.t, h.ask(get("/v1/policy/history").from("rescue"), 200).Body, &out)
	return out.Revisions
}

func digestOf(text string) string { return revision.Digest([]byte(text)) }

func TestAPolicyIsPutAndItsHistoryIsKept(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	if got := h.current("editor"); got.Text != edited || got.Digest != digestOf(edited) || got.Revision != nil || got.Unfinished != nil || got.Problems == nil {
		t.Errorf("a policy that was saved in the bucket: %+v", got)
	}
	next := strings.Replace(edited, "settings: [Port]", "settings: [Port, Proto]", 1)
	var check revision.Check
	decode(t, h.ask(jsonPost("/v1/policy/check", marshal(t, map[string]any{"text": next})).from("editor"), 200).Body, &check)
	if len(check.Problems) > 0 || check.Base != digestOf(edited) || check.Digest != digestOf(next) || len(check.Comparison.Gained) != 1 {
		t.Errorf("the check says %+v", check)
	}
	if h.stored() != edited {
		t.Error("a check has put the policy")
	}
	res := h.put(h.putting(next, check.Base))
	if res.Revision == nil || res.Revision.By != "ed" || res.Revision.Account != "http:editor" || res.Revision.Previous != digestOf(edited) || res.Comparison.Gained[0].People[0] != "op" {
		t.Errorf("the put says %+v", res.Revision)
	}
	if h.stored() != next {
		t.Error("the policy is not in force")
	}
	got := h.current("second")
	if got.Revision == nil || got.Revision.By != "ed" || got.Revision.Reason != "CHG-7" || got.Revision.Number != 2 || got.Revision.Text != "" {
		t.Errorf("the policy in force is %+v", got.Revision)
	}
	// The text that was saved in the bucket is kept, too.
	list := h.history()
	if len(list) != 2 || !list[0].InForce || list[1].By != "" || list[1].Digest != digestOf(edited) || list[1].InForce || list[0].Text != "" {
		t.Errorf("the history is %+v", list)
	}
	var first revisionDoc
	decode(t, h.ask(get("/v1/policy/history/1").from("editor"), 200).Body, &first)
	if first.Text != edited || first.Number != 1 {
		t.Errorf("the first revision is %+v", first)
	}
	if !strings.Contains(h.log.String(), `"msg":"policy put"`) || !strings.Contains(h.log.String(), `"by":"ed"`) || strings.Contains(h.log.String(), "http: editor") {
		t.Error("the log does not say who put it")
	}
	// The policy in force decides about the next request, in a new instance at once.
	h.start()
	h.ask(says("plan one proto=TCP").from("operator"), 200)
}

// A policy saved in the bucket after a put is in force, by nobody known, and can be
// replaced by a put that is based on it.
func TestAPolicyThatIsSavedInTheBucketStaysValid(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	next := edited + "# one\n"
	h.put(h.putting(next, digestOf(edited)))
	direct := edited + "# direct\n"
	h.rule(direct)
	got := h.current("editor")
	if got.Revision != nil || got.Unfinished == nil || got.Unfinished.Number != 2 || got.Text != direct {
		t.Errorf("got %+v", got)
	}
	// Within the time in which the last put might still be written, another one waits.
	h.problem(h.putting(edited, digestOf(direct)).from("second"), 503, "policy-under-way")
	h.pass(20 * time.Second)
	h.problem(h.putting(edited, digestOf(next)).from("second"), 409, "policy-outdated")
	h.put(h.putting(edited, digestOf(direct)).from("second"))
	list := h.history()
	if len(list) != 4 || list[1].Digest != digestOf(direct) || list[1].By != "" || list[0].By != "flo" || h.stored() != edited {
		t.Errorf("the history is %+v", list)
	}
}

func TestPutsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	base := digestOf(edited)
	next := edited + "# next\n"
	put := func(fields map[string]any) call { return jsonPost("/v1/policy", marshal(t, fields)).from("editor") }
	for _, tt := range []struct {
		name   string
		call   call
		status int
		kind   string
		rule   string
	}{
		{"invalid", put(map[string]any{"text": edited + "x: 1\n", "base": base}), 422, "invalid", "unknown-key"},
		{"unreadable", put(map[string]any{"text": "people: [", "base": base}), 400, "unparsable", "yaml-syntax"},
		{"empty", put(map[string]any{"text": "", "base": base}), 400, "unparsable", "empty-document"},
		{"anchors", put(map[string]any{"text": "a: &a [x, x]\nb: &b [*a, *a]\npeople: [*b]\n", "base": base}), 422, "invalid", "yaml-anchor"},
		{"too deep", put(map[string]any{"text": "people: " + strings.Repeat("[", 20) + strings.Repeat("]", 20), "base": base}), 400, "unparsable", "too-deep"},
		{"a change file", put(map[string]any{"text": setPort, "base": base}), 422, "invalid", "other-document"},
		{"two documents", put(map[string]any{"text": edited + "---\n" + edited, "base": base}), 422, "invalid", "several-documents"},
		{"hidden characters", put(map[string]any{"text": edited + "# \u202e\n", "base": base}), 400, "unparsable", "encoding"},
		{"no base", put(map[string]any{"text": next}), 422, "invalid", "key-missing"},
		{"no text", put(map[string]any{"base": base}), 422, "invalid", "key-missing"},
		{"another base", put(map[string]any{"text": next, "base": digestOf("x")}), 409, "policy-outdated", "policy-base-outdated"},
		{"none as the base", put(map[string]any{"text": next, "base": "none"}), 409, "policy-outdated", "policy-base-outdated"},
		{"a base that is no digest", put(map[string]any{"text": next, "base": "abc"}), 422, "invalid", "wrong-type"},
		{"an empty base", put(map[string]any{"text": next, "base": ""}), 422, "invalid", "wrong-type"},
		{"an unknown key", put(map[string]any{"text": next, "base": base, "force": true}), 422, "invalid", "unknown-key"},
		{"a reason of two lines", put(map[string]any{"text": next, "base": base, "reason": "a\nb"}), 422, "invalid", "reason-format"},
		{"a reason that hides", put(map[string]any{"text": next, "base": base, "reason": "a\u202eb"}), 400, "unparsable", "encoding"},
		{"a reason that hides, escaped", jsonPost("/v1/policy", fmt.Sprintf(`{"text":"x","base":"%s","reason":"a\u202eb"}`, base)).from("editor"), 422, "invalid", "reason-format"},
		{"a text that hides, escaped", jsonPost("/v1/policy", fmt.Sprintf(`{"text":"people: [] # \u202e\ngrants: []","base":"%s"}`, base)).from("editor"), 400, "unparsable", "encoding"},
		{"a control character, escaped", jsonPost("/v1/policy", fmt.Sprintf(`{"text":"people: []\ngrants: [] # \u0000","base":"%s"}`, base)).from("editor"), 400, "unparsable", "encoding"},
		{"a right given up in words", put(map[string]any{"text": next, "base": base, "giveUpRight": "yes"}), 422, "invalid", "wrong-type"},
		{"a list", jsonPost("/v1/policy", "[]").from("editor"), 422, "invalid", "wrong-type"},
		{"YAML", post("/v1/policy", "text: x\nbase: none\n").from("editor"), 415, "media-type", ""},
		{"the editor's own right", put(map[string]any{"text": strings.Replace(edited, "[ed, flo]", "[flo]", 1), "base": base}), 422, "invalid", "policy-locks-you-out"},
		{"the editor's own account", put(map[string]any{"text": strings.Replace(edited, "user: editor", "user: ed", 1), "base": base}), 422, "invalid", "policy-locks-you-out"},
		{"the request of a check", jsonPost("/v1/policy", marshal(t, map[string]any{"text": next})).from("editor"), 422, "invalid", "key-missing"},
		{"giant", put(map[string]any{"text": edited + strings.Repeat("#\n", 1<<20), "base": base}), 413, "too-large", ""},
	} {
		p := h.problem(tt.call, tt.status, tt.kind)
		if tt.rule != "" && (len(p.Problems) == 0 || p.Problems[0].Rule != tt.rule || p.Problems[0].Hint == "") {
			t.Errorf("%s: %+v", tt.name, p.Problems)
		}
		if h.stored() != edited {
			t.Fatalf("%s: the policy was put", tt.name)
		}
	}
	h.count("policy/", 1)
	given := h.put(put(map[string]any{"text": strings.Replace(edited, "[ed, flo]", "[flo]", 1), "base": base, "giveUpRight": true}))
	if given.Comparison.Lost[0].May != "editPolicy" {
		t.Errorf("the comparison is %+v", given.Comparison)
	}
	h.problem(get("/v1/policy").from("editor"), 403, "forbidden")
}

// Nobody may lock everybody out, whatever they say.
func TestNobodyLocksEverybodyOut(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	h.cfg.Editors = nil
	h.start()
	for _, next := range []string{
		strings.Replace(edited, "[policy-editor]", "[viewer]", 1),
		strings.NewReplacer("user: editor", "user: gone", "user: second", "user: gone2").Replace(edited), // senders without a secret
		strings.NewReplacer("door: http, user: editor", `door: file, user: "1"`, "door: http, user: second", `door: slack, tenant: T1, user: U1`).Replace(edited),
		"people: []\ngrants: []\n",
	} {
		p := h.problem(jsonPost("/v1/policy", marshal(t, map[string]any{"text": next, "base": digestOf(edited), "giveUpRight": true})).from("editor"), 422, "invalid")
		if p.Problems[0].Rule != "policy-locks-everybody-out" {
			t.Errorf("%s: %+v", next, p.Problems)
		}
	}
}

// Who is no editor neither reads nor puts anything, and learns nothing.
func TestOnlyEditorsReadAndPutThePolicy(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	h.put(h.putting(edited+"# x\n", digestOf(edited)))
	now := digestOf(h.stored())
	for _, sender := range []string{"viewer", "operator", "approver", "admin", "stranger"} {
		for _, c := range []call{
			get("/v1/policy"), get("/v1/policy/history"), get("/v1/policy/history/1"), get("/v1/policy/history/99"),
			jsonPost("/v1/policy/check", marshal(t, map[string]any{"text": edited})),
			jsonPost("/v1/policy", marshal(t, map[string]any{"text": edited, "base": now})),
			jsonPost("/v1/policy", marshal(t, map[string]any{"text": h.stored(), "base": now})), // what is in force
			jsonPost("/v1/policy", marshal(t, map[string]any{"text": edited, "base": "none"})),
			jsonPost("/v1/policy", marshal(t, map[string]any{"text": "x", "base": now})),
		} {
			a := h.ask(c.from(sender), 403)
			if strings.Contains(a.Body, "flo") || strings.Contains(a.Body, now) || strings.Contains(a.Body, "editor}") {
				t.Errorf("%s %s by %s shows %s", c.method, c.path, sender, a.Body)
			}
		}
	}
	if h.stored() != edited+"# x\n" {
		t.Error("somebody has put a policy")
	}
	if got := strings.Count(h.log.String(), "its sender is no editor"); got != 45 {
		t.Errorf("%d refusals in the log", got)
	}
	h.problem(call{method: "GET", path: "/v1/policy", secret: "none"}, 401, "unauthorized")
	h.problem(call{method: "GET", path: "/v1/policy", secret: stranger}, 401, "unauthorized")
}

// The senders of POLICY_EDITORS put the first policy, and repair an invalid one.
func TestTheFirstPolicyAndTheRepairOfAnInvalidOne(t *testing.T) {
	t.Parallel()
	for _, optional := range []bool{false, true} {
		h := newEdited(t, "")
		h.cfg.NoPolicy = optional
		h.start()
		h.problem(get("/v1/policy").from("rescue"), 404, "no-policy")
		refusal := map[bool]int{false: 503, true: 403}[optional] // every sender may request changes without a policy, and none may put one
		h.ask(h.putting(edited, "none"), refusal)
		h.ask(get("/v1/policy").from("editor"), refusal)
		h.problem(h.putting(edited, digestOf(edited)).from("rescue"), 409, "policy-outdated")
		if res := h.put(h.putting(edited, "none").from("rescue")); res.Revision.Number != 1 || res.Revision.By != "http:rescue" || res.Comparison.Open != optional {
			t.Errorf("got %+v", res)
		}
		broken := "people: x\n"
		h.rule(broken)
		h.pass(20 * time.Second)
		h.problem(get("/v1/policy").from("editor"), 503, "policy")
		got := h.current("rescue")
		if len(got.Problems) == 0 || got.Text != broken {
			t.Errorf("got %+v", got)
		}
		h.put(h.putting(edited, got.Digest).from("rescue"))
		h.ask(get("/v1/policy").from("editor"), 200)
	}
}

// A policy of before the role policy-editor is read as it was, gives nobody the right, and
// can be replaced by a sender of POLICY_EDITORS.
func TestAPolicyWithoutTheRole(t *testing.T) {
	t.Parallel()
	old := strings.Replace(edited, "  - {who: [ed, flo], roles: [policy-editor], servers: [\"*\"]}\n", "", 1)
	h := newEdited(t, old)
	h.ask(says("plan one port=1195").from("operator"), 200)
	h.problem(get("/v1/policy").from("admin"), 403, "forbidden")
	if res := h.put(h.putting(edited, digestOf(old)).from("rescue")); res.Comparison.Gained[0].May != "editPolicy" {
		t.Errorf("got %+v", res.Comparison)
	}
}

// A repeated request gets its answer again, and puts nothing twice; with another body it is
// refused.
func TestARepeatedPutIsHarmless(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	second, third := edited+"# 2\n", edited+"# 3\n"
	c := again(h.putting(second, digestOf(edited)))
	first := h.put(c)
	if res := h.put(c); res.Revision.Number != first.Revision.Number || res.Replaced || res.Unchanged {
		t.Errorf("got %+v", res)
	}
	h.problem(again(h.putting(third, digestOf(second))), 409, "conflict")
	other := again(jsonPost("/v1/policy/check", c.body).from("editor"))
	h.ask(other, 409)
	h.put(h.putting(third, digestOf(second)).from("second"))
	if res := h.put(c); !res.Replaced || res.Revision.Digest != digestOf(second) || h.stored() != third {
		t.Errorf("got %+v", res)
	}
	h.count("policy/history/", 3)
	// The same text under another id changes nothing.
	if res := h.put(h.putting(third, digestOf(second))); !res.Unchanged || res.Revision.By != "flo" {
		t.Errorf("got %+v", res)
	}
	h.count("policy/history/", 3)
	// A body that was signed for a put is no check, and one for a check no put.
	h.ask(jsonPost("/v1/policy", marshal(t, map[string]any{"text": edited})).from("second"), 422)
	h.ask(jsonPost("/v1/policy/check", c.body).from("second"), 422)
	if h.stored() != third {
		t.Error("a check has put the policy")
	}
}

// Of several who put at the same time, one wins, and the others are told.
func TestSeveralPutAtTheSameTime(t *testing.T) {
	t.Parallel()
	for round := range 5 {
		h := newEdited(t, edited)
		const n = 6
		var wg sync.WaitGroup
		codes := make([]answer, n)
		payloads := make([]string, n)
		for i := range n {
			payloads[i] = h.payload(h.putting(fmt.Sprintf("%s# %d\n", edited, i), digestOf(edited)).from([]string{"editor", "second"}[i%2]))
		}
		for i := range n {
			wg.Go(func() {
				out, err := h.invoke(payloads[i])
				if err == nil {
					decode(t, out, &codes[i])
				}
			})
		}
		wg.Wait()
		winner := -1
		for i, a := range codes {
			switch a.StatusCode {
			case http.StatusOK:
				if winner >= 0 {
					t.Errorf("round %d: %d and %d have both put", round, winner, i)
				}
				winner = i
			case http.StatusConflict, http.StatusServiceUnavailable:
			default:
				t.Errorf("round %d: answered %d: %s", round, a.StatusCode, a.Body)
			}
		}
		if winner < 0 || h.stored() != fmt.Sprintf("%s# %d\n", edited, winner) {
			t.Errorf("round %d: %d has won, the policy is %q", round, winner, h.stored()[len(edited):])
		}
	}
}

// dyingAfter is a bucket whose writes are done, and not answered, as for a worker that died
// right after it.
type dyingAfter struct{ dying }

func (d dyingAfter) Create(ctx context.Context, key string, data []byte) error {
	if d.left.Load() < 0 {
		return blob.ErrUnavailable
	}
	err := d.Bucket.Create(ctx, key, data)
	if dead := d.dies(); dead != nil {
		return dead
	}
	return err
}

func (d dyingAfter) Put(ctx context.Context, key string, data []byte) error {
	if d.left.Load() < 0 {
		return blob.ErrUnavailable
	}
	err := d.Bucket.Put(ctx, key, data)
	if dead := d.dies(); dead != nil {
		return dead
	}
	return err
}

// Whichever request is the last one of a worker that puts a policy: its repetition puts
// it, once; and without a repetition, another put is possible, soon.
func TestAWorkerDiesWhileItPutsAPolicy(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for _, wait := range []time.Duration{0, 7 * time.Second, time.Minute} {
			requests := 0
			for ; requests < 30 && diesPutting(t, requests, after, wait); requests++ {
			}
			if requests < 6 || requests == 30 {
				t.Errorf("after %v, wait %v: the worker has made %d requests", after, wait, requests)
			}
		}
	}
}

func diesPutting(t *testing.T, requests int, after bool, wait time.Duration) (died bool) {
	t.Helper()
	h := newEdited(t, edited)
	next := edited + "# next\n"
	var left atomic.Int64
	left.Store(immortal)
	h.opts.Buckets = func(handler.Invocation) (function.Buckets, error) {
		b := dying{h.Store, &left}
		if after {
			return function.Buckets{Changes: dyingAfter{b}, Records: dyingAfter{b}}, nil
		}
		return function.Buckets{Changes: b, Records: b}, nil
	}
	h.start()
	c := again(h.putting(next, digestOf(edited)))
	left.Store(int64(requests))
	out, err := h.invoke(h.payload(c))
	died = left.Load() < 0
	left.Store(immortal)
	if err != nil {
		t.Fatal(err)
	}
	if a := h.answerOf(out); died && a.StatusCode != http.StatusServiceUnavailable && a.StatusCode != http.StatusOK {
		t.Errorf("request %d: answered %s", requests, a.Body)
	}
	if got := h.stored(); got != edited && got != next {
		t.Fatalf("request %d: the policy is %q", requests, got)
	}
	h.current("second") // whatever has happened
	h.pass(wait)
	// The repetition: at once, while it is not certain that the first delivery has given
	// up, or later.
	for range 5 {
		if a := h.answerOf(must(h.invoke(h.payload(c)))); a.StatusCode == http.StatusOK {
			break
		} else if a.StatusCode != http.StatusServiceUnavailable {
			t.Fatalf("request %d: the repetition is answered %d: %s", requests, a.StatusCode, a.Body)
		}
		h.pass(5 * time.Second)
	}
	if h.stored() != next || h.current("editor").Revision == nil {
		t.Fatalf("request %d: not put by its repetition: %+v", requests, h.current("editor"))
	}
	h.put(h.putting(edited, digestOf(next)).from("second"))
	if h.stored() != edited {
		t.Errorf("request %d: the next put is not in force", requests)
	}
	return died
}

// A put whose worker died, and that nobody repeats, never comes into force, and does not
// stop the next one.
func TestAnUnfinishedPutIsLeft(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	lost := edited + "# lost\n"
	h.fault(oss.Fault{Kind: oss.AccessDenied, Op: "PutObject", KeyPrefix: objects.PolicyFile})
	h.ask(h.putting(lost, digestOf(edited)), 503)
	if got := h.current("editor"); got.Unfinished == nil || got.Unfinished.Number != 2 || got.Revision != nil || got.Text != edited {
		t.Errorf("got %+v", got)
	}
	next := h.putting(edited+"# next\n", digestOf(edited)).from("second")
	h.problem(next, 503, "policy-under-way")
	h.pass(20 * time.Second)
	h.put(next)
	if h.stored() != edited+"# next\n" {
		t.Errorf("the policy is %q", h.stored())
	}
}

// Objects of others below policy/history/ neither stop a put nor are shown as revisions.
func TestForeignObjectsInTheHistory(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	h.put(h.putting(edited+"# 1\n", digestOf(edited)))
	for _, key := range []string{"000000000000000.json", "999999999999996.json", "0.json", "x", "a/b.json", "999999999999999.json"} {
		if err := h.Store.Create(t.Context(), objects.Revisions+key, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	h.put(h.putting(edited+"# 2\n", digestOf(edited+"# 1\n")))
	got := h.current("editor")
	if got.Revision == nil || got.Revision.Number != 4 || h.stored() != edited+"# 2\n" {
		t.Errorf("got %+v", got)
	}
	var list strings.Builder
	for _, r := range h.history() {
		fmt.Fprintf(&list, "%d %v %v, ", r.Number, r.Damaged, r.InForce)
	}
	if numbers := list.String(); numbers != "999999999999999 true false, 4 false true, 3 true false, 2 false false, 1 false false, " {
		t.Errorf("the history is %s", numbers)
	}
}

func TestNumbersOfRevisions(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	h.put(h.putting(edited+"# 1\n", digestOf(edited)))
	for _, n := range []string{"0", "-1", "+1", "01", "1.0", "1e0", "3", "999999999999999", "1000000000000000", "99999999999999999999", "x", "%2e%2e", "..", "1.json", "１", "policy.yaml"} {
		h.problem(get("/v1/policy/history/"+n).from("editor"), 404, "no-policy")
	}
	for _, path := range []string{"/v1/policy/history/1/2", "/v1/policy/history//", "/v1/policy/x", "/v1/policyx", "/v1/policy//check", "/v1/policy/../policy"} {
		h.problem(get(path).from("editor"), 404, "not-found")
	}
	for _, query := range []string{"limit=0", "limit=51", "limit=x", "before=0", "before=-1", "before=1e3", "page=2", "before="} {
		values, _ := url.ParseQuery(query)
		c := get("/v1/policy/history").from("editor")
		c.query = map[string]string{}
		for name := range values {
			c.query[name] = values.Get(name)
		}
		h.problem(c, 422, "invalid")
	}
	for _, c := range []call{{method: "PUT", path: "/v1/policy"}, {method: "DELETE", path: "/v1/policy"}, {method: "GET", path: "/v1/policy/check"}, {method: "POST", path: "/v1/policy/history"}, {method: "DELETE", path: "/v1/policy/history/1"}} {
		h.problem(c.from("editor"), 405, "method")
	}
}

func TestThePagesOfTheHistory(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	base := edited
	for i := range 5 {
		next := fmt.Sprintf("%s# %d\n", edited, i)
		h.put(h.putting(next, digestOf(base)))
		base = next
	}
	var numbers []int64
	before := ""
	for range 10 {
		c := get("/v1/policy/history").from("editor")
		c.query = map[string]string{"limit": "4"}
		if before != "" {
			c.query["before"] = before
		}
		var page struct {
			Revisions []revisionDoc
			Next      int64
		}
		decode(t, h.ask(c, 200).Body, &page)
		for _, r := range page.Revisions {
			numbers = append(numbers, r.Number)
		}
		if page.Next == 0 {
			break
		}
		before = strconv.FormatInt(page.Next, 10)
	}
	if fmt.Sprint(numbers) != "[6 5 4 3 2 1]" {
		t.Errorf("got %v", numbers)
	}
}

// A put costs six requests, its claim included; what decides about changes reads one object, as
// before.
func TestWhatAPutCosts(t *testing.T) {
	t.Parallel()
	h := newEdited(t, edited)
	h.put(h.putting(edited+"# 1\n", digestOf(edited)))
	before := len(h.OSS.Requests())
	h.put(h.putting(edited+"# 2\n", digestOf(edited+"# 1\n")))
	if got := len(h.OSS.Requests()) - before; got != 6 {
		t.Errorf("a put has made %d requests: %v", got, h.OSS.Requests()[before:])
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// answerOf reads an answer, whatever it is.
func (h *harness) answerOf(out string) answer {
	h.t.Helper()
	var a answer
	decode(h.t, out, &a)
	return a
}
