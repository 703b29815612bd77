package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const appliedRecord = `{"schema":"sslvpn-change/record/v1","id":"20261122-aaaaaaaaaa","status":"applied","regionId":"cn-hangzhou",
 "sslVpnServerId":"vss-1","ref":"CHG-1","changed":[{"field":"Port","from":1194,"to":1195},{"field":"Proto","from":"UDP","to":"TCP"}],
 "verified":true,"acceptedAt":"2026-11-22T08:30:00Z","finishedAt":"2026-11-22T08:30:12.5Z","waitedMs":{"gateway":3100},"cost":{"vpcCalls":5}}`

// queued answers a submission, and each poll with the next answer; the last
// answer repeats.
func queued(answers ...string) func(*http.Request, string) (int, string) {
	var mu sync.Mutex
	return func(r *http.Request, _ string) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPost {
			return http.StatusAccepted, `{"changes":[{"id":"20261122-aaaaaaaaaa","status":"queued","record":"results/x.json"}]}`
		}
		text := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		return http.StatusOK, text
	}
}

func TestSubmitWaitsAndShowsTheRecord(t *testing.T) {
	t.Parallel()
	waiting := `{"id":"20261122-aaaaaaaaaa","status":"waiting","why":"the gateway is updating","acceptedAt":"2026-11-22T08:30:00Z"}`
	url := function(t, queued(waiting, appliedRecord))
	got := vpnctl(t, secretEnv(), "", "submit", "--url", url, file(t, "c.yaml", validDocument))
	if got.code != exitDone {
		t.Errorf("exit status %d: %s", got.code, got.err)
	}
	wants(t, "the progress", got.err, "20261122-aaaaaaaaaa: waiting: the gateway is updating")
	want := `20261122-aaaaaaaaaa  applied  vss-1 (cn-hangzhou)  CHG-1
  Port   1194 → 1195
  Proto  UDP → TCP
  verified by reading back, 12.5 s from acceptance, waited 3.1 s for the gateway, 5 API calls
`
	if got.out != want {
		t.Errorf("got\n%swant\n%s", got.out, want)
	}
}

func TestTheExitStatusOfSubmit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status string
		code   int
	}{
		{"applied", 0},
		{"unchanged", 0},
		{"planned", 0},
		{"rejected", 1},
		{"failed", 1},
		{"superseded", 1},
		{"expired", 1},
		{"cancelled", 1},
	}
	for _, tt := range tests {
		t.Run(tt.status, func(t *testing.T) {
			t.Parallel()
			url := function(t, queued(fmt.Sprintf(`{"id":"20261122-aaaaaaaaaa","status":%q,"acceptedAt":"2026-11-22T08:30:00Z",
				"error":{"code":"VpnGateway.FinancialLocked","class":"locked","message":"the gateway is locked","hint":"settle the bill"}}`, tt.status)))
			got := vpnctl(t, secretEnv(), validDocument, "submit", "--url", url, "-")
			if got.code != tt.code {
				t.Errorf("exit status %d, want %d", got.code, tt.code)
			}
			wants(t, "the output", got.out, tt.status, "locked VpnGateway.FinancialLocked: the gateway is locked", "settle the bill")
		})
	}
}

func TestSubmitSaysHowToCheckAChangeThatHasNotEnded(t *testing.T) {
	t.Parallel()
	url := function(t, queued(`{"id":"20261122-aaaaaaaaaa","status":"waiting","why":"busy","acceptedAt":"2026-11-22T08:30:00Z"}`))
	got := vpnctl(t, secretEnv(), validDocument, "submit", "--url", url, "--wait", "50ms", "-")
	if got.code != exitUnended {
		t.Errorf("exit status %d, want %d", got.code, exitUnended)
	}
	wants(t, "the messages", got.err, "vpnctl status 20261122-aaaaaaaaaa")
}

func TestSubmitWithoutWaitingPrintsTheIDs(t *testing.T) {
	t.Parallel()
	url := function(t, func(r *http.Request, _ string) (int, string) {
		if r.Method != http.MethodPost || r.Header.Get("Webhook-Id") != "again-1" {
			t.Errorf("got %s with id %s", r.Method, r.Header.Get("Webhook-Id"))
		}
		return http.StatusAccepted, `{"changes":[{"id":"a","status":"queued"},{"id":"b","status":"queued"}]}`
	})
	got := vpnctl(t, secretEnv(), validDocument, "submit", "--url", url, "--wait", "0s", "--id", "again-1", "-")
	if got.code != exitDone || got.out != "a  queued\nb  queued\n" {
		t.Errorf("got %+v", got)
	}
}

// Every answer says when a change is due, and names date and zone.
func TestSubmitSaysWhenAChangeIsDue(t *testing.T) {
	t.Parallel()
	due := time.Now().Add(3*time.Hour + time.Second).Truncate(time.Second)
	past := due.Add(-4 * time.Hour)
	stamp := func(at time.Time) string { return at.UTC().Format(time.RFC3339) }
	url := function(t, func(r *http.Request, _ string) (int, string) {
		if r.URL.Path == "/v1/plans" {
			return http.StatusOK, `{"changes":[{"index":1,"regionId":"cn-hangzhou","sslVpnServerId":"vss-1","changed":[],"problems":[],"dueAt":"` + stamp(due) + `"}]}`
		}
		return http.StatusAccepted, `{"changes":[{"id":"a","status":"queued","dueAt":"` + stamp(due) + `"},{"id":"b","status":"queued","dueAt":"` + stamp(past) + `"}]}`
	})
	shown := strings.Replace(due.Local().Format("2006-01-02 15:04:05 -07:00"), "+00:00", "UTC", 1)
	got := vpnctl(t, secretEnv(), validDocument, "submit", "--url", url, "--wait", "0s", "-")
	if want := "a  queued  due " + shown + " (in 3 h)\nb  queued  due now\n"; got.code != exitDone || got.out != want {
		t.Errorf("got %+v, want %s", got, want)
	}
	got = vpnctl(t, secretEnv(), validDocument, "submit", "--url", url, "--plan", "-")
	wants(t, "the plan", got.out, "vss-1 (cn-hangzhou)  unchanged  due "+shown+" (in 3 h)")
	url = function(t, queued(`{"id":"20261122-aaaaaaaaaa","status":"waiting","why":"not before then","acceptedAt":"2026-11-22T08:30:00Z","nextAttemptAt":"`+stamp(due)+`"}`))
	got = vpnctl(t, secretEnv(), "", "status", "--url", url, "20261122-aaaaaaaaaa")
	wants(t, "the status", got.out, "next attempt "+shown+" (in 3 h)")
}

func TestSubmitBuildsADocumentFromFlags(t *testing.T) {
	t.Parallel()
	var sent string
	url := function(t, func(r *http.Request, body string) (int, string) {
		sent = body
		if r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("content type %s", r.Header.Get("Content-Type"))
		}
		return http.StatusAccepted, `{"changes":[{"id":"a","status":"queued"}]}`
	})
	got := vpnctl(t, secretEnv(), "", "submit", "--url", url, "--wait", "0s", "--region", "cn-hangzhou", "--server", "vss-1",
		"--set", "Port=1195", "--set", "Compress=false", "--set", "LocalSubnet=10.0.0.0/8,172.16.0.0/12", "--reason", "because",
		"--confirm", "10m", "--when", "idle(5)", "--proof", "--override", "move")
	if got.code != exitDone {
		t.Fatalf("exit status %d: %s", got.code, got.err)
	}
	want := `{"changes":[{"Compress":false,"LocalSubnet":"10.0.0.0/8,172.16.0.0/12","Port":1195,"RegionId":"cn-hangzhou","SslVpnServerId":"vss-1"}],` +
		`"confirm":"10m","override":"move","proof":true,"reason":"because","when":"idle(5)"}`
	if sent != want {
		t.Errorf("sent %s\nwant %s", sent, want)
	}
}

func TestInvalidSubmissionsAreNotSent(t *testing.T) {
	t.Parallel()
	one := []string{"--region", "cn-hangzhou", "--server", "vss-1"}
	tests := []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"nothing to send", secretEnv(), nil, "nothing to submit"},
		{"a file and settings", secretEnv(), []string{"x.yaml", "--set", "Port=1"}, "not both"},
		{"settings without a server", secretEnv(), []string{"--set", "Port=1"}, "needs --region, --server"},
		{"a setting without a value", secretEnv(), append(one, "--set", "Port"), "KEY=VALUE"},
		{"a port that is no number", secretEnv(), append(one, "--set", "Port=https"), "Port is a whole number"},
		{"an invalid flag", secretEnv(), append(one, "--set", "Compress=maybe"), "Compress is true or false"},
		{"an unknown setting", secretEnv(), append(one, "--set", "Prot=TCP"), "there is no setting Prot; there are Name, ClientIpPool"},
		{"a setting given twice", secretEnv(), append(one, "--set", "Port=1", "--set", "Port=2"), "given twice"},
		{"a missing file", secretEnv(), []string{"/no/such/file.yaml"}, "no such file"},
		{"no secret", nil, append(one, "--set", "Port=1195"), "--secret-file FILE, or set SSLVPN_SECRET"},
		{"a broken secret", map[string]string{variableSecret: "whsec_%%%"}, append(one, "--set", "Port=1195"), "SSLVPN_SECRET: "},
		{"an address without encryption", secretEnv(), append(one, "--set", "Port=1195", "--url", "http://fc.example.com"), "use https"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := vpnctl(t, tt.env, "", append([]string{"submit", "--url", "http://127.0.0.1:1"}, tt.args...)...)
			want := exitUsage
			if strings.HasPrefix(tt.name, "a missing file") {
				want = exitFailed
			}
			if got.code != want {
				t.Errorf("exit status %d, want %d", got.code, want)
			}
			wants(t, "the message", got.err, tt.want)
			if strings.Contains(got.err+got.out, "%%%") || strings.Contains(got.err+got.out, secretText) {
				t.Errorf("the secret is printed: %s", got.err)
			}
		})
	}
}

func TestSubmitShowsEveryProblemWithItsLine(t *testing.T) {
	t.Parallel()
	url := function(t, func(*http.Request, string) (int, string) {
		return http.StatusUnprocessableEntity, `{"title":"Unprocessable Entity","status":422,"detail":"the document breaks 1 rule","problems":[
			{"path":"changes[0].Port","line":4,"rule":"port-reserved","message":"443 is reserved","hint":"use 1194"}]}`
	})
	path := file(t, "c.yaml", validDocument)
	got := vpnctl(t, secretEnv(), "", "submit", "--url", url, path)
	if got.code != exitFailed {
		t.Errorf("exit status %d, want %d", got.code, exitFailed)
	}
	wants(t, "the messages", got.err, path+":4: changes[0].Port: 443 is reserved [port-reserved]: use 1194", "422 Unprocessable Entity: the document breaks 1 rule")
}

func TestSubmitPlansWithoutChanging(t *testing.T) {
	t.Parallel()
	url := function(t, func(r *http.Request, _ string) (int, string) {
		if r.URL.Path != "/v1/plans" {
			t.Errorf("asked %s", r.URL.Path)
		}
		return http.StatusOK, `{"changes":[{"index":1,"regionId":"cn-hangzhou","sslVpnServerId":"vss-1","changed":[{"field":"Port","from":1194,"to":1195}]},
			{"index":2,"regionId":"cn-hangzhou","sslVpnServerId":"vss-2","changed":[]}]}`
	})
	got := vpnctl(t, secretEnv(), validDocument, "submit", "--plan", "--url", url, "-")
	if want := "vss-1 (cn-hangzhou)\n  Port  1194 → 1195\n  Connected clients will be disconnected, and cannot return with their old configuration file.\n" +
		"  Line to change in the configuration file: remote … 1194 → remote … 1195, or port 1194 → port 1195\nvss-2 (cn-hangzhou)  unchanged\n"; got.code != exitDone || got.out != want {
		t.Errorf("exit status %d, got\n%swant\n%s", got.code, got.out, want)
	}
}

func TestSubmitAsJSONPrintsTheFunctionsAnswer(t *testing.T) {
	t.Parallel()
	url := function(t, queued(appliedRecord))
	got := vpnctl(t, secretEnv(), validDocument, "submit", "--json", "--url", url, "-")
	var out struct {
		Changes []map[string]any `json:"changes"`
	}
	if err := json.Unmarshal([]byte(got.out), &out); err != nil || len(out.Changes) != 1 || out.Changes[0]["schema"] != "sslvpn-change/record/v1" {
		t.Errorf("%v: %s", err, got.out)
	}
}

func TestSecretsOfSeveralSendersAreChosenByName(t *testing.T) {
	t.Parallel()
	url := function(t, queued(appliedRecord))
	other := "whsec_" + strings.Repeat("QkJC", 8)
	path := file(t, "secrets", "ci="+other+"\ndemo="+secretText+"\n")
	args := []string{"status", "--url", url, "--secret-file", path, "20261122-aaaaaaaaaa"}
	if got := vpnctl(t, nil, "", append(args, "--sender", "demo")...); got.code != exitDone {
		t.Errorf("demo: %+v", got)
	}
	got := vpnctl(t, nil, "", append(args, "--sender", "ci")...)
	wants(t, "ci", got.err, "401", "WEBHOOK_SECRETS")
	got = vpnctl(t, nil, "", append(args, "--sender", "nobody")...)
	wants(t, "nobody", got.err, `no secret of sender "nobody"`)
	got = vpnctl(t, nil, "", args...)
	wants(t, "without a name", got.err, "--sender")
}

func TestStatusShowsWhyAChangeWaits(t *testing.T) {
	t.Parallel()
	url := function(t, func(r *http.Request, _ string) (int, string) {
		if r.URL.Path != "/v1/changes/20261122-aaaaaaaaaa" {
			return http.StatusNotFound, `{"title":"Not Found","status":404}`
		}
		return http.StatusOK, `{"id":"20261122-aaaaaaaaaa","status":"waiting","why":"the gateway is updating","acceptedAt":"2026-11-22T08:30:00Z"}`
	})
	got := vpnctl(t, secretEnv(), "", "status", "--url", url, "20261122-aaaaaaaaaa")
	if want := "20261122-aaaaaaaaaa  waiting\n  the gateway is updating\n"; got.code != exitDone || got.out != want {
		t.Errorf("got %+v, want %q", got, want)
	}
	got = vpnctl(t, secretEnv(), "", "status", "--url", url, "nobody-knows")
	if got.code != exitFailed {
		t.Errorf("unknown id: exit status %d", got.code)
	}
	wants(t, "unknown id", got.err, "404 Not Found")
}

// What is to be confirmed says so, until when, and how; and how that ended.
func TestSubmitSaysThatAChangeIsToBeConfirmed(t *testing.T) {
	t.Parallel()
	with := func(key string) string {
		return strings.Replace(appliedRecord, `"verified"`, key+`,"verified"`, 1)
	}
	due := time.Now().Add(10 * time.Minute).UTC().Format(time.RFC3339)
	for _, tt := range []struct {
		record string
		want   []string
	}{
		{with(`"undo":{"id":"20261122-bbbbbbbbbb","dueAt":"` + due + `"}`), []string{"Confirm it before ", "> vpnctl confirm 20261122-aaaaaaaaaa"}},
		{with(`"undo":{"id":"20261122-bbbbbbbbbb","dueAt":"2026-11-22T08:40:00Z"}`), []string{"is being undone by 20261122-bbbbbbbbbb"}},
		{with(`"undo":{"id":"20261122-bbbbbbbbbb","dueAt":"2026-11-22T08:40:00Z","status":"cancelled","by":"mei","at":"2026-11-22T08:35:00Z"}`), []string{"Confirmed by mei"}},
		{with(`"undo":{"id":"20261122-bbbbbbbbbb","dueAt":"2026-11-22T08:40:00Z","status":"applied","at":"2026-11-22T08:40:09Z"}`), []string{"Not confirmed, and undone at", "by 20261122-bbbbbbbbbb"}},
		{with(`"undoes":"20261122-cccccccccc"`), []string{"20261122-cccccccccc on vss-1 was not confirmed, and was undone"}},
		{with(`"proof":true`), []string{"The server is looked at"}},
	} {
		url := function(t, queued(tt.record))
		got := vpnctl(t, secretEnv(), "", "submit", "--url", url, file(t, "c.yaml", validDocument))
		for _, text := range tt.want {
			if !strings.Contains(got.out, text) {
				t.Errorf("%s\nis shown as\n%s\nwithout %q", tt.record, got.out, text)
			}
		}
	}
}
