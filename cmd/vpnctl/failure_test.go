package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// failed reads the error of a command line with --json.
func failed(t *testing.T, got result) (code, message, hint string, problems []map[string]any) {
	t.Helper()
	var out struct {
		Error *struct {
			Code     string           `json:"code"`
			Message  string           `json:"message"`
			Hint     *string          `json:"hint"`
			Problems []map[string]any `json:"problems"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(got.out), &out); err != nil || out.Error == nil || out.Error.Hint == nil || out.Error.Problems == nil || got.err != "" {
		t.Fatalf("%v: not one error in JSON on standard output: %+v", err, got)
	}
	return out.Error.Code, out.Error.Message, *out.Error.Hint, out.Error.Problems
}

func TestEveryErrorHasOneFormInJSON(t *testing.T) {
	t.Parallel()
	refuse := func(status int, body string) string {
		return function(t, func(*http.Request, string) (int, string) { return status, body })
	}
	forbidden := refuse(403, `{"type":"urn:sslvpn-change:problem:forbidden","title":"The policy does not permit this.","status":403,"detail":"Rejected","problems":[{"rule":"not-permitted","message":"mei may not","hint":"ask bo"}]}`)
	unauthorized := refuse(401, `{"type":"urn:sslvpn-change:problem:unauthorized","title":"The signature of the request is not valid.","status":401}`)
	proxy := refuse(404, "<html>")
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	plan := []string{"plan", "office", "port=1195", "--json", "--url"}
	tests := []struct {
		name     string
		env      map[string]string
		args     []string
		exit     int
		code     string
		message  string
		hint     string
		problems int
	}{
		{"an unknown command", nil, []string{"aply", "--json"}, exitUsage, "usage", `did you mean "apply"`, "vpnctl --help", 0},
		{"an unknown flag", nil, []string{"status", "--json", "--wiat", "1s"}, exitUsage, "usage", `did you mean "--wait"`, "vpnctl --help", 0},
		{"no secret", nil, []string{"status", "--json"}, exitUsage, "setting", "SSLVPN_SECRET_FILE", "WEBHOOK_SECRETS", 0},
		{"no URL of a function", secretEnv(), []string{"status", "--json", "--url", "localhost:9000"}, exitUsage, "setting", "not the URL", "SSLVPN_URL", 0},
		{"nothing to submit", secretEnv(), []string{"submit", "--json"}, exitUsage, "usage", "nothing to submit", "", 0},
		{"rules of a command", secretEnv(), []string{"apply", "office", "prot=TCP", "port=443", "--json"}, exitFailed, "invalid", "2 problems", "", 2},
		{"the function's refusal", secretEnv(), append(plan, forbidden), exitFailed, "forbidden", "403 The policy does not permit this", "", 1},
		{"a wrong secret", secretEnv(), append(plan, unauthorized), exitFailed, "unauthorized", "401", "SSLVPN_SECRET", 0},
		{"something else answers", secretEnv(), append(plan, proxy), exitFailed, "http-404", "404 Not Found", "", 0},
		{"another server", secretEnv(), append(plan, refuse(200, "{}")), exitFailed, "not-this-function", "no outcome", "check that the URL", 0},
		{"a certificate of nobody", secretEnv(), append(plan, tls.URL), exitFailed, "tls", "certificate", "proxy", 0},
		{"plain HTTP", secretEnv(), append(plan, strings.Replace(proxy, "http:", "https:", 1)), exitFailed, "tls", "HTTP response to HTTPS", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := vpnctl(t, tt.env, "", tt.args...)
			code, message, hint, problems := failed(t, got)
			if got.code != tt.exit || code != tt.code || len(problems) != tt.problems {
				t.Errorf("exit status %d, code %s, %d problems; want %d, %s, %d", got.code, code, len(problems), tt.exit, tt.code, tt.problems)
			}
			wants(t, "the message", message, tt.message)
			wants(t, "the hint", hint, tt.hint)
		})
	}
}

// The members of the function's problem document stay where programs have found them.
func TestTheFunctionsProblemDocumentIsKept(t *testing.T) {
	t.Parallel()
	url := function(t, func(*http.Request, string) (int, string) {
		return 422, `{"type":"urn:sslvpn-change:problem:invalid","title":"The document breaks rules.","status":422,"detail":"d","problems":[{"rule":"r"}],"new":1}`
	})
	got := vpnctl(t, secretEnv(), validDocument, "submit", "--json", "--url", url, "-")
	var out map[string]any
	if err := json.Unmarshal([]byte(got.out), &out); err != nil || out["title"] != "The document breaks rules." || out["new"] != 1.0 || out["error"] == nil {
		t.Errorf("%v: %+v", err, got)
	}
}

func TestErrorsForPeopleNameTheWayOut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"aply", "office", "port=1195"}, []string{`did you mean "apply"? see vpnctl --help`}},
		{[]string{"help", "aply"}, []string{"there is no command aply; the nearest is apply"}},
		{[]string{"help", "nonsense"}, []string{"vpnctl help lists them"}},
		{[]string{"status"}, []string{"SSLVPN_SECRET", "SSLVPN_SECRET_FILE", "WEBHOOK_SECRETS"}},
	} {
		got := vpnctl(t, nil, "", tt.args...)
		if got.code != exitUsage || got.out != "" {
			t.Errorf("%q: %+v", tt.args, got)
		}
		wants(t, strings.Join(tt.args, " "), got.err, tt.want...)
	}
}

func TestEmptyVariablesAreUnset(t *testing.T) {
	t.Parallel()
	url := function(t, func(*http.Request, string) (int, string) {
		return 200, `{"verb":"servers","outcome":"shown","text":"none"}`
	})
	env := map[string]string{variableURL: url, variableSecret: secretText, variableSecretFile: "", variableSender: "", variableLang: ""}
	if got := vpnctl(t, env, "", "servers"); got.code != exitDone || got.out != "none\n" {
		t.Errorf("got %+v", got)
	}
	env = map[string]string{variableURL: "", variableSecret: secretText}
	got := vpnctl(t, env, "", "servers", "--url", url)
	if got.code != exitDone {
		t.Errorf("got %+v", got)
	}
	env = map[string]string{variableURL: "not a URL", variableSecret: secretText}
	if got := vpnctl(t, env, "", "servers", "--url", url); got.code != exitDone {
		t.Errorf("the flag does not win: %+v", got)
	}
	if got := vpnctl(t, env, "", "servers"); got.code != exitUsage {
		t.Errorf("the variable is not read: %+v", got)
	}
	env = map[string]string{variableLang: "fr", variableSecret: secretText}
	if got := vpnctl(t, env, "", "servers", "--url", url); got.code != exitUsage {
		t.Errorf("an unknown language: %+v", got)
	}
}

// TestARefusalSaysWhatToDo: the problems that the function names stand before the message
// where a command has no lines of its own.
func TestARefusalSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const forbidden = `{"type":"urn:sslvpn-change:problem:forbidden","title":"The policy does not permit this.","status":403,"detail":"Nothing of it was accepted.",` +
		`"problems":[{"rule":"not-permitted","message":"mei may not read the policy","hint":"have the role policy-editor granted"}]}`
	url := function(t, func(*http.Request, string) (int, string) { return 403, forbidden })
	for _, args := range [][]string{{"policy", "get"}, {"policy", "history"}, {"list"}, {"receipts", "a.yaml"}} {
		got := vpnctl(t, secretEnv(), "", append(args, "--url", url)...)
		if got.code != exitFailed || strings.Count(got.err, "mei may not read the policy [not-permitted]: have the role policy-editor granted\n") != 1 {
			t.Errorf("%q: %+v", args, got)
		}
	}
}
