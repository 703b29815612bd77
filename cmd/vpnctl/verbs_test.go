package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// commanded answers commands with one status and text, and requests for
// changes with a record. It keeps the requests.
type commanded struct {
	status  int
	answer  string
	records func(*http.Request, string) (int, string)

	sent []string // bodies
	ids  []string
}

func (c *commanded) serve(t *testing.T) string {
	t.Helper()
	return function(t, func(r *http.Request, body string) (int, string) {
		if r.URL.Path != "/v1/commands" {
			return c.records(r, body)
		}
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %s, %s", r.Method, r.Header.Get("Content-Type"))
		}
		c.sent, c.ids = append(c.sent, body), append(c.ids, r.Header.Get("Webhook-Id"))
		return c.status, c.answer
	})
}

const shownAnswer = `{"verb":"status","outcome":"shown","text":"Queued changes\n  There are no queued changes."}`

func TestVerbsSendTheLineOfChat(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"plan", "office", "port=1195", "Proto=tcp"}, `{"command":"plan office proto=TCP port=1195"}`},
		{[]string{"plan", "cn-beijing/vss-1", "subnet=10.0.0.0/8,172.16.0.0/12", "expect.port=1194"}, `{"command":"plan cn-beijing/vss-1 local_subnet=10.0.0.0/8,172.16.0.0/12 expect.port=1194"}`},
		{[]string{"plan", "研发", "端口=1195"}, `{"command":"plan 研发 port=1195","lang":"zh"}`},
		{[]string{"plan", "研发", "端口=1195", "--lang", "en"}, `{"command":"plan 研发 port=1195","lang":"en"}`},
		{[]string{"status"}, `{"command":"status"}`},
		{[]string{"status", "office", "--lang", "zh"}, `{"command":"status office","lang":"zh"}`},
		{[]string{"history", "office"}, `{"command":"history office"}`},
		{[]string{"history", "office", "--limit", "5"}, `{"command":"history office limit=5"}`},
		{[]string{"approve", "20261122-aaaaaaaaaa", "K7M2Q4XA"}, `{"command":"approve 20261122-aaaaaaaaaa k7m2q4xa"}`},
		{[]string{"approve", "20261122-aaaaaaaaaa"}, `{"command":"approve 20261122-aaaaaaaaaa"}`},
		{[]string{"reject", "20261122-aaaaaaaaaa", "--reason", "not by day"}, `{"command":"reject 20261122-aaaaaaaaaa reason=\"not by day\""}`},
		{[]string{"cancel", "20261122-aaaaaaaaaa-2", "--reason=typo"}, `{"command":"cancel 20261122-aaaaaaaaaa-2 reason=typo"}`},
		{[]string{"do", "aply office  “as it is”"}, `{"command":"aply office  “as it is”"}`},
	} {
		c := commanded{status: http.StatusOK, answer: shownAnswer}
		got := vpnctl(t, secretEnv(), "", append(tt.args, "--url", c.serve(t))...)
		if got.code != exitDone || got.out != "Queued changes\n  There are no queued changes.\n" || got.err != "" {
			t.Errorf("%q: %+v", tt.args, got)
		}
		if len(c.sent) != 1 || strings.ReplaceAll(c.sent[0], `\"`, `"`) != strings.ReplaceAll(tt.want, `\"`, `"`) {
			t.Errorf("%q sent %q\nwant %s", tt.args, c.sent, tt.want)
		}
	}
}

const acceptedAnswer = `{"verb":"apply","outcome":"taken","text":"queued","change":{"id":"20261122-aaaaaaaaaa","status":"queued"}}`

func TestApplyWaitsForTheOutcome(t *testing.T) {
	t.Parallel()
	waiting := `{"id":"20261122-aaaaaaaaaa","status":"waiting","why":"the gateway is updating","acceptedAt":"2026-11-22T08:30:00Z"}`
	for _, args := range [][]string{
		{"apply", "office", "port=1195", "--reason", "close 1194", "--ref", "CHG-1", "--until", "2026-11-24T02:00+08:00"},
		{"rollback", "20261122-bbbbbbbbbb", "--reason", "close 1194"},
	} {
		c := commanded{status: http.StatusAccepted, answer: acceptedAnswer, records: queued(waiting, appliedRecord)}
		got := vpnctl(t, secretEnv(), "", append(args, "--url", c.serve(t), "--wait", "30s")...)
		if got.code != exitDone || !strings.HasPrefix(got.out, "20261122-aaaaaaaaaa  applied  vss-1 (cn-hangzhou)  CHG-1\n  Port   1194 → 1195\n") {
			t.Errorf("%q: %+v", args, got)
		}
		wants(t, "the progress", got.err, "20261122-aaaaaaaaaa: waiting: the gateway is updating")
		wants(t, "the line", strings.Join(c.sent, ""), args[0]+" ", `reason=\"close 1194\"`)
	}
}

func TestApplyAndRollbackSendTheirGuards(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"apply", "office", "port=1195", "--confirm", "20m proof", "--when", "idle(<5)", "--proof", "--override", "move", "--reason=x"},
		{"rollback", "20261122-bbbbbbbbbb", "--confirm", "20m+proof", "--when=idle(5)", "--proof", "--override=move", "--reason", "x"},
	} {
		c := commanded{status: http.StatusAccepted, answer: acceptedAnswer}
		got := vpnctl(t, secretEnv(), "", append(args, "--url", c.serve(t), "--wait", "0s")...)
		if got.code != exitDone || len(c.sent) != 1 {
			t.Fatalf("%q: %+v, sent %q", args, got, c.sent)
		}
		wants(t, "the line", c.sent[0], "confirm=20m+proof when=idle(5) proof=true override=move")
	}
	if got := vpnctl(t, secretEnv(), "", "apply", "office", "port=1195", "--confirm", "10", "--url", "https://fc.example.com"); got.code == exitDone || !strings.Contains(got.err, "[confirm-format]") {
		t.Errorf("%+v", got)
	}
}

func TestTheExitStatusOfApply(t *testing.T) {
	t.Parallel()
	for status, code := range map[string]int{"applied": exitDone, "unchanged": exitDone, "planned": exitDone, "rejected": exitFailed, "failed": exitFailed, "expired": exitFailed, "cancelled": exitFailed} {
		c := commanded{status: http.StatusAccepted, answer: acceptedAnswer, records: queued(fmt.Sprintf(`{"id":"20261122-aaaaaaaaaa","status":%q,"acceptedAt":"2026-11-22T08:30:00Z"}`, status))}
		got := vpnctl(t, secretEnv(), "", "apply", "office", "port=1195", "--dry-run", "--url", c.serve(t))
		if got.code != code || !strings.Contains(got.out, status) || !strings.Contains(c.sent[0], "--dry-run") {
			t.Errorf("%s: %+v, sent %q", status, got, c.sent)
		}
	}
}

func TestApplyDoesNotWaitForApproval(t *testing.T) {
	t.Parallel()
	answer := `{"verb":"apply","outcome":"taken","text":"it waits for approval\n  > approve 20261122-aaaaaaaaaa k7m2q4xa",
		"change":{"id":"20261122-aaaaaaaaaa","status":"waiting","approvalsNeeded":2,"approvedBy":["mei"]}}`
	for _, tt := range []struct {
		wait string
		code int
	}{{"60s", exitUnapproved}, {"0s", exitDone}} {
		c := commanded{status: http.StatusAccepted, answer: answer, records: func(r *http.Request, _ string) (int, string) {
			t.Errorf("asked %s", r.URL.Path)
			return http.StatusNotFound, "{}"
		}}
		got := vpnctl(t, secretEnv(), "", "apply", "office", "port=1195", "--wait", tt.wait, "--url", c.serve(t))
		if got.code != tt.code || got.out != "it waits for approval\n  > approve 20261122-aaaaaaaaaa k7m2q4xa\n" || strings.Contains(got.err, "vpnctl status 20261122-aaaaaaaaaa") != (tt.code == exitUnapproved) {
			t.Errorf("--wait %s: %+v", tt.wait, got)
		}
	}
}

func TestApplyWithoutWaitingPrintsTheAnswer(t *testing.T) {
	t.Parallel()
	c := commanded{status: http.StatusAccepted, answer: acceptedAnswer}
	url := c.serve(t)
	got := vpnctl(t, secretEnv(), "", "apply", "office", "port=1195", "--wait", "0s", "--id", "again-1", "--url", url)
	if got.code != exitDone || got.out != "queued\n" || c.ids[0] != "again-1" {
		t.Errorf("got %+v, ids %q", got, c.ids)
	}
	got = vpnctl(t, secretEnv(), "", "apply", "office", "port=1195", "--wait", "0s", "--json", "--url", url)
	var out map[string]any
	if err := json.Unmarshal([]byte(got.out), &out); err != nil || got.code != exitDone || out["outcome"] != "taken" {
		t.Errorf("%v: %+v", err, got)
	}
	if c.ids[1] == "again-1" || c.ids[1] == "" {
		t.Errorf("the second delivery has the id %q", c.ids[1])
	}
}

func TestApproveWithoutACodeLeavesTheChangeWaiting(t *testing.T) {
	t.Parallel()
	c := commanded{status: http.StatusOK, answer: `{"verb":"approve","outcome":"not-yet","text":"approve this?"}`}
	if got := vpnctl(t, secretEnv(), "", "approve", "20261122-aaaaaaaaaa", "--url", c.serve(t)); got.code != exitUnapproved || got.out != "approve this?\n" {
		t.Errorf("got %+v", got)
	}
	c = commanded{status: http.StatusOK, answer: `{"verb":"plan","outcome":"shown","text":"Plan","problems":[{"rule":"expect-mismatch"}]}`}
	if got := vpnctl(t, secretEnv(), "", "plan", "office", "port=1195", "--url", c.serve(t)); got.code != exitFailed || got.out != "Plan\n" {
		t.Errorf("a plan that would be refused: %+v", got)
	}
}

func TestRefusalsAreShown(t *testing.T) {
	t.Parallel()
	problem := `{"type":"urn:sslvpn-change:problem:forbidden","title":"The policy does not permit this.","status":403,
		"detail":"Rejected\n  mei may not\n  How to fix: ask bo","problems":[{"rule":"not-permitted","message":"mei may not","hint":"ask bo"}]}`
	c := commanded{status: http.StatusForbidden, answer: problem}
	url := c.serve(t)
	got := vpnctl(t, secretEnv(), "", "do", "apply office port=1195", "--url", url)
	if want := "Rejected\n  mei may not\n  How to fix: ask bo\nvpnctl: the function answered 403 The policy does not permit this\n"; got.code != exitFailed || got.out != "" || got.err != want {
		t.Errorf("got %+v, want %q", got, want)
	}
	got = vpnctl(t, secretEnv(), "", "apply", "office", "port=1195", "--json", "--url", url)
	var out map[string]any
	if err := json.Unmarshal([]byte(got.out), &out); err != nil || got.code != exitFailed || got.err != "" || out["title"] != "The policy does not permit this." {
		t.Errorf("%v: %+v", err, got)
	}
	if no, ok := out["error"].(map[string]any); !ok || no["code"] != "forbidden" {
		t.Errorf("the error is %v", out["error"])
	}
	c = commanded{status: http.StatusNotFound, answer: `{"type":"urn:sslvpn-change:problem:not-found","title":"There is nothing here.","status":404,"detail":"The routes are others.","problems":[]}`}
	got = vpnctl(t, secretEnv(), "", "status", "--url", c.serve(t))
	wants(t, "an older function", got.err, "404 There is nothing here: The routes are others")
}

func TestInvalidCommandsAreNotSent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"apply", "office", "prot=TCP"}, []string{"There is no key prot. The nearest is proto.", "[unknown-key]"}},
		{[]string{"apply", "office", "port=443"}, []string{"443", "[port-reserved]"}},
		{[]string{"apply", "office", "port=https", "proto=icmp"}, []string{"[not-a-number]", "[proto-unknown]"}},
		{[]string{"plan", "office", "port"}, []string{"port has no value"}},
		{[]string{"plan", "office port=1195", "port=1196"}, []string{"[bad-server]"}},
		{[]string{"apply", "office", "port=1195", "--reason", "one\ntwo"}, []string{"[line-break]"}},
		{[]string{"apply", "office", "port=1195", "reason=x", "--reason", "y"}, []string{"[duplicate-key]"}},
		{[]string{"apply", "office", "port=1195", "--at", "tomorrow"}, []string{"[time-format]"}},
		{[]string{"history", "office", "--limit", "21"}, []string{"from 1 to 20"}},
		{[]string{"rollback", "office"}, []string{"office is not the id of a change"}},
		{[]string{"approve", "20261122-aaaaaaaaaa", "nonsense!"}, []string{"[bad-code]"}},
		{[]string{"cancel", "20261122-aaaaaaaaaa", "--lang", "zh", "--reason", strings.Repeat("x", 501)}, []string{"原因最多 500 个字符"}},
		{[]string{"status", "a b"}, []string{"[bad-server]"}},
	} {
		got := vpnctl(t, secretEnv(), "", append(tt.args, "--url", "http://127.0.0.1:1")...)
		if got.code != exitFailed || got.out != "" {
			t.Errorf("%q: %+v", tt.args, got)
		}
		wants(t, strings.Join(tt.args, " "), got.err, tt.want...)
	}
	for _, args := range [][]string{{"plan", "office"}, {"apply"}, {"rollback"}, {"do"}, {"history", "office", "--lang", "fr"}, {"status", "office", "--wait", "10s"}} {
		if got := vpnctl(t, secretEnv(), "", args...); got.code != exitUsage {
			t.Errorf("%q: %+v", args, got)
		}
	}
	got := vpnctl(t, nil, "", "plan", "office", "port=1195", "--url", "http://127.0.0.1:1")
	wants(t, "without a secret", got.err, "--secret-file FILE, or set SSLVPN_SECRET")
}

// After a lost answer, the command may have been executed.
func TestACommandWithoutAnAnswerSaysHowToRepeatIt(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	t.Cleanup(srv.Close)
	got := vpnctl(t, secretEnv(), "", "cancel", "20261122-aaaaaaaaaa", "--id", "once-1", "--url", srv.URL)
	if got.code != exitFailed {
		t.Errorf("exit status %d", got.code)
	}
	wants(t, "cancel", got.err, "--id once-1, so that it is executed once")
	got = vpnctl(t, secretEnv(), "", "plan", "office", "port=1195", "--url", srv.URL)
	if got.code != exitFailed || strings.Contains(got.err, "--id") {
		t.Errorf("plan: %+v", got)
	}
}
