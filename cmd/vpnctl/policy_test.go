package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/revision"
)

// A policy, and another one that permits more.
const (
	ruled  = "people: [{name: a, accounts: [{door: http, user: a}]}]\ngrants: [{who: [a], roles: [viewer], servers: ['*']}]\n"
	ruled2 = "people: [{name: a, accounts: [{door: http, user: a}]}]\ngrants: [{who: [a], roles: [admin], servers: ['*']}]\n"
)

// editing stands for a function with a policy in force.
type editing struct {
	mu       sync.Mutex
	requests []string
	put      map[string]any
	problems string // of a check
	lost     int    // answers to a put that are lost
}

const comparison = `{"accounts":[{"account":"http:b","to":"a"}],"gained":[{"people":["a"],"may":"request","servers":["office","every other server"],"settings":["Port"]},{"people":["a"],"morePeople":3,"may":"editPolicy"}],
 "lost":[{"people":["b"],"may":"view","servers":["office"]}],"rules":[{"rule":"approvals","servers":["office"],"settings":["Port"],"before":"1","after":"0"}],"entries":[{"kind":"windows","name":"nights","change":"removed"}],"more":2}`

func (e *editing) answer(r *http.Request, body string) (int, string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Webhook-Id"))
	head := `{"number":3,"at":"2026-11-28T02:03:04.5Z","by":"wang.wu","account":"http:admin","digest":"d","previous":"p","reason":"CHG-7"}`
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/policy":
		return 200, fmt.Sprintf(`{"text":%q,"digest":%q,"savedAt":"2026-11-28T02:03:05Z","revision":%s,"problems":[]}`, ruled, inForce(), head)
	case "POST /v1/policy/check":
		var in map[string]string
		_ = json.Unmarshal([]byte(body), &in)
		if in["text"] == ruled {
			return 200, fmt.Sprintf(`{"base":%q,"digest":%q,"problems":[],"unchanged":true,"comparison":{}}`, inForce(), inForce())
		}
		return 200, fmt.Sprintf(`{"base":%q,"digest":"x","problems":[%s],"comparison":%s}`, inForce(), e.problems, comparison)
	case "POST /v1/policy":
		e.put = map[string]any{}
		_ = json.Unmarshal([]byte(body), &e.put)
		if e.lost--; e.lost >= 0 {
			return 502, ""
		}
		return 200, `{"revision":` + head + `}`
	case "GET /v1/policy/history":
		return 200, `{"revisions":[` + strings.Replace(head, "}", `,"inForce":true}`, 1) + `,{"number":2,"at":"2026-11-28T01:00:00Z","digest":"p","previous":""},{"number":1,"at":"0001-01-01T00:00:00Z","digest":"","previous":"","damaged":true}],"next":1}`
	case "GET /v1/policy/history/2":
		return 200, fmt.Sprintf(`{"number":2,"at":"2026-11-28T01:00:00Z","digest":%q,"previous":"","text":%q}`, inForce(), ruled)
	default:
		return 404, `{"type":"urn:sslvpn-change:problem:no-policy","title":"There is no such policy.","status":404,"detail":"d","problems":[]}`
	}
}

// inForce is the digest of the policy in force.
func inForce() string { return revision.Digest([]byte(ruled)) }

func TestThePolicyIsPrintedAndKept(t *testing.T) {
	t.Parallel()
	e := &editing{}
	url := function(t, e.answer)
	got := vpnctl(t, secretEnv(), "", "policy", "get", "--url", url)
	if got.code != exitDone || got.out != ruled {
		t.Errorf("got %+v", got)
	}
	wants(t, "the note", got.err, "in force: revision 3, put by wang.wu (http:admin) at 2026-11-28T02:03:04Z: CHG-7", "digest: "+inForce())
	name := filepath.Join(t.TempDir(), "policy.yaml")
	if got = vpnctl(t, secretEnv(), "", "policy", "get", "-o", name, "--url", url); got.code != exitDone || got.out != "" {
		t.Errorf("got %+v", got)
	}
	data, err := os.ReadFile(name)
	if err != nil || string(data) != ruled {
		t.Errorf("the file has %q: %v", data, err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v: %v", info.Mode(), err)
	}
	if got = vpnctl(t, secretEnv(), "", "policy", "get", "--json", "--url", url); got.code != exitDone || !json.Valid([]byte(got.out)) {
		t.Errorf("got %+v", got)
	}
}

func TestThePolicyIsCompared(t *testing.T) {
	t.Parallel()
	e := &editing{}
	url := function(t, e.answer)
	got := vpnctl(t, secretEnv(), ruled2, "policy", "check", "-", "--url", url)
	want := `+ a: request changes of Port of office, every other server
+ a and 3 more: read and put the policy
- b: view the settings of office
~ account http:b: nobody → a
~ approvals for changes of Port of office: 1 → 0
~ windows: nights is removed
and 2 differences not shown
`
	if got.code != exitDone || got.out != want {
		t.Errorf("got %d\n%swant\n%s%s", got.code, got.out, want, got.err)
	}
	e.problems = `{"rule":"policy-locks-you-out","path":"","message":"m","hint":"h"}`
	if got = vpnctl(t, secretEnv(), ruled2, "policy", "check", "-", "--url", url); got.code != exitFailed || !strings.Contains(got.out, "policy-locks-you-out") {
		t.Errorf("got %+v", got)
	}
	if got = vpnctl(t, secretEnv(), ruled, "policy", "check", "-", "--url", url); got.code != exitDone || got.out != "- is in force\n" {
		t.Errorf("got %+v", got)
	}
	e.requests = nil
	if got = vpnctl(t, secretEnv(), "people: x\n", "policy", "check", "-", "--url", url); got.code != exitFailed || len(e.requests) > 0 || !strings.Contains(got.err, "wrong-type") {
		t.Errorf("an invalid policy: %+v, sent %q", got, e.requests)
	}
}

func TestThePolicyIsPut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		base string
		give bool
	}{
		{nil, inForce(), false},
		{[]string{"--base", "none"}, "none", false},
		{[]string{"--base", "abc", "--give-up-right"}, "abc", true},
	} {
		e := &editing{lost: 2}
		url := function(t, e.answer)
		got := vpnctl(t, secretEnv(), ruled2, append([]string{"policy", "put", "-", "--reason", "CHG-7", "--url", url}, tt.args...)...)
		if got.code != exitDone || !strings.HasSuffix(got.out, "in force: revision 3, put by wang.wu (http:admin) at 2026-11-28T02:03:04Z: CHG-7\n") || !strings.Contains(got.out, "+ a: request") {
			t.Errorf("%q: %+v", tt.args, got)
		}
		if e.put["base"] != tt.base || e.put["text"] != ruled2 || e.put["reason"] != "CHG-7" || (e.put["giveUpRight"] == true) != tt.give {
			t.Errorf("%q: sent %v", tt.args, e.put)
		}
		var ids []string
		for _, r := range e.requests {
			if strings.HasPrefix(r, "POST /v1/policy vpnctl-") {
				ids = append(ids, r)
			}
		}
		if len(ids) != 3 || len(slices.Compact(ids)) != 1 {
			t.Errorf("%q: the requests are %q", tt.args, e.requests)
		}
	}
}

// A put is asked for on a terminal; what would be refused is not.
func TestAPutIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		keys string
		exit int
		put  bool
	}{{"y\n", exitDone, true}, {"n\n", exitFailed, false}, {"\n", exitFailed, false}} {
		e := &editing{}
		url := function(t, e.answer)
		v := newVT(t, 120)
		code := started(t.Context(), v, secretEnv(), "policy", "put", file(t, "policy.yaml", ruled2), "--url", url)
		v.until("the question", endsWith("Put this policy? [y/N]"))
		v.types(tt.keys)
		if got := <-code; got != tt.exit || (e.put != nil) != tt.put {
			t.Errorf("%q: exit status %d, sent %v", tt.keys, got, e.put)
		}
	}
	e := &editing{problems: `{"rule":"policy-locks-you-out","path":"","message":"m","hint":"h"}`}
	url := function(t, e.answer)
	if got := vpnctl(t, secretEnv(), ruled2, "policy", "put", "-", "--url", url); got.code != exitFailed || e.put != nil || !strings.Contains(got.err, "policy-locks-you-out") {
		t.Errorf("got %+v, sent %v", got, e.put)
	}
	if got := vpnctl(t, secretEnv(), ruled2, "policy", "put", "-", "--give-up-right", "--url", url); got.code != exitDone || e.put["giveUpRight"] != true {
		t.Errorf("got %+v, sent %v", got, e.put)
	}
}

func TestTheHistoryOfThePolicy(t *testing.T) {
	t.Parallel()
	e := &editing{}
	url := function(t, e.answer)
	got := vpnctl(t, secretEnv(), "", "policy", "history", "--limit", "3", "--url", url)
	want := `revision 3, put by wang.wu (http:admin) at 2026-11-28T02:03:04Z: CHG-7 (in force)
revision 2, saved in the bucket at 2026-11-28T01:00:00Z, by nobody known
revision 1 cannot be read
`
	if got.code != exitDone || got.out != want || !strings.Contains(got.err, "--before 1") {
		t.Errorf("got %+v", got)
	}
	if got = vpnctl(t, secretEnv(), "", "policy", "history", "2", "--url", url); got.code != exitDone || got.out != ruled {
		t.Errorf("got %+v", got)
	}
	if got = vpnctl(t, secretEnv(), "", "policy", "history", "99", "--url", url); got.code != exitFailed {
		t.Errorf("got %+v", got)
	}
	if got = vpnctl(t, secretEnv(), "", "policy", "history", "-o", "x", "--url", url); got.code != exitUsage {
		t.Errorf("got %+v", got)
	}
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	var asked string
	status := `"rejected","changes":[],"problems":[{"path":"Port","line":3,"rule":"r","message":"m","hint":"h"}]`
	url := function(t, func(r *http.Request, _ string) (int, string) {
		asked = r.URL.RawQuery
		return 200, `{"receipts":[{"schema":"s","file":"changes/hotel.yaml","eTag":"E","lastModified":"2026-11-28T02:03:04Z","status":` + status + `}]}`
	})
	got := vpnctl(t, secretEnv(), "", "receipts", "hotel.yaml", "--url", url)
	if got.code != exitFailed || asked != "limit=1&path=changes%2Fhotel.yaml" {
		t.Errorf("asked %s: %+v", asked, got)
	}
	wants(t, "the receipt", got.out, "rejected  changes/hotel.yaml  uploaded at 2026-11-28T02:03:04Z", "changes/hotel.yaml:3: Port")
	status = `"accepted","changes":[{"id":"20261122-aaaaaaaaaa","record":"results/x.json"}],"problems":[]`
	got = vpnctl(t, secretEnv(), "", "receipts", "changes/hotel.yaml", "--limit", "5", "--url", url)
	if got.code != exitDone || asked != "limit=5&path=changes%2Fhotel.yaml" {
		t.Errorf("asked %s: %+v", asked, got)
	}
	wants(t, "the receipt", got.out, "accepted  changes/hotel.yaml", "20261122-aaaaaaaaaa")
}
