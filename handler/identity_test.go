package handler_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// The answer says what the policy lets the sender do, whatever grants to everybody say of
// an assistant.
func TestIdentity(t *testing.T) {
	t.Parallel()
	const everything = "grants: [{who: ['*'], roles: [operator, approver, admin], servers: ['*']}]\n"
	for name, tt := range map[string]struct{ policy, want string }{
		"an assistant": {
			"people: [{name: robot, assistant: true, accounts: [{door: http, user: chat-bot}]}, {name: mei, accounts: [{door: http, user: checker}]}]\n" + everything,
			`{"person":"robot","assistant":true,"may":{"read":true,"request":true,"approve":false,"cancelOthers":false}}`,
		},
		"a person": {
			"people: [{name: mei, accounts: [{door: http, user: chat-bot}]}]\n" + everything,
			`{"person":"mei","assistant":false,"may":{"read":true,"request":true,"approve":true,"cancelOthers":true}}`,
		},
		"nobody": {
			"people: [{name: mei, accounts: [{door: http, user: chat-bot}]}]\ngrants: []\n",
			`{"person":"mei","assistant":false,"may":{"read":false,"request":false,"approve":false,"cancelOthers":false}}`,
		},
	} {
		h := newTwoServers(t, people)
		h.rule(tt.policy)
		if got := compact(t, h.ask(get("/v1/identity"), 200).Body); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	if got := compact(t, newHarness(t).ask(get("/v1/identity"), 200).Body); got != `{"person":"http:chat-bot","assistant":false,"noPolicy":true,"may":{"read":true,"request":true,"approve":true,"cancelOthers":true}}` {
		t.Errorf("without a policy: %s", got)
	}
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// An assistant neither reads nor puts the policy, also if POLICY_EDITORS names its sender
// and a grant gives everybody the right.
func TestAnAssistantIsNoEditorOfThePolicy(t *testing.T) {
	t.Parallel()
	rules := strings.Replace(edited, "servers:\n", "  - {name: robot, assistant: true, accounts: [{door: http, user: rescue}]}\nservers:\n", 1)
	rules = strings.Replace(rules, "who: [ed, flo]", "who: ['*']", 1)
	h := newEdited(t, rules)
	for _, c := range []call{
		get("/v1/policy"), get("/v1/policy/history"), jsonPost("/v1/policy/check", marshal(t, map[string]any{"text": edited})),
		jsonPost("/v1/policy", marshal(t, map[string]any{"text": edited, "base": digestOf(rules)})),
	} {
		if a := h.ask(c.from("rescue"), 403); !strings.Contains(a.Body, "assistants may not") {
			t.Errorf("%s %s: %s", c.method, c.path, a.Body)
		}
	}
	if h.stored() != rules {
		t.Error("it put a policy")
	}
	h.ask(get("/v1/policy").from("editor"), 200)
}
