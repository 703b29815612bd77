package policy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

func parse(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, problems := policy.Parse([]byte(text), document.YAML)
	if len(problems) > 0 {
		t.Fatalf("%s\n%v", text, problems)
	}
	return p
}

// askedBy is a change of settings that a person requested.
func askedBy(name string, t change.Target, fields []change.Field) change.Change {
	c := change.Change{Request: change.Request{Target: t, Patch: change.Patch{}}, Origin: change.Origin{Person: name}}
	for _, f := range fields {
		c.Patch[f] = change.Text("x")
	}
	return c
}

func TestParseAcceptsValidPolicies(t *testing.T) {
	t.Parallel()
	for _, d := range validDocuments() {
		p, problems := policy.Parse([]byte(d.text), d.format)
		if len(problems) > 0 || p == nil || p.Absent() {
			t.Errorf("%s: %v", d.name, problems)
		}
		if !policy.Recognize([]byte(d.text), d.format) {
			t.Errorf("%s is not recognized", d.name)
		}
	}
}

func TestParseRefusesWithLineAndRule(t *testing.T) {
	t.Parallel()
	for _, d := range invalidDocuments() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			p, problems := policy.Parse([]byte(d.text), d.format)
			got := places(problems)
			slices.Sort(got)
			if !slices.Equal(got, d.want) || p != nil {
				t.Errorf("got %q, want %q (%v)", got, d.want, problems)
			}
			for _, problem := range problems {
				if problem.Message == "" || problem.Hint == "" {
					t.Errorf("no message or no way out: %v", problem)
				}
			}
		})
	}
}

func TestEveryRuleIsBrokenByAnExample(t *testing.T) {
	t.Parallel()
	found := map[string]bool{document.RuleMoreProblems: true} // by the next test
	for _, d := range invalidDocuments() {
		_, problems := policy.Parse([]byte(d.text), d.format)
		for _, problem := range problems {
			found[problem.Rule] = true
		}
	}
	listed := map[string]bool{}
	for _, rule := range policyRules(t) {
		listed[rule] = true
	}
	if !maps.Equal(found, listed) {
		t.Errorf("the examples break %v, the code lists %v", found, listed)
	}
}

func TestParseListsAHundredProblems(t *testing.T) {
	t.Parallel()
	_, problems := policy.Parse([]byte("grants: []\npeople:\n"+strings.Repeat("- a\n", 130)), document.YAML)
	if len(problems) != document.MaxProblems+1 || problems[100].Rule != document.RuleMoreProblems || problems[99].Path != "people[99]" {
		t.Errorf("%d problems, the last %v", len(problems), problems[len(problems)-1])
	}
}

func TestHintsSayHowToFixTheProblem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"peple: []":     "the nearest known key is people",
		"people: zhang": "docs/policy.md",
		office + "grants: [{who: [a], roles: [aprover], servers: [offise]}]":             "the nearest is approver",
		office + "grants: [{who: [a], roles: [viewer], servers: [offise]}]":              "the nearest name below servers is office",
		"grants: [{who: [a], roles: [viewer], servers: [offise]}]":                       "add a name for it below servers",
		one + "grants: [{who: [aa], roles: [viewer], servers: ['*']}]":                   "the nearest name below people is a",
		one + "grants: [{who: [a], roles: [viewer], servers: ['*'], settings: [poort]}]": "the nearest is Port",
		"people: [{name: a, accounts: [{door: dingtlak, tenant: a, user: b}]}]":          "the nearest is dingtalk",
		"people: [{name: a, accounts: [{door: dingding, tenant: a, user: b}]}]":          "the channels are dingtalk",
		"people: [{name: a, accounts: [{door: slack, user: b}]}]":                        "workspace",
		"approvals: [{servers: ['*'], need: two}]":                                       "such as 2",
	} {
		_, problems := policy.Parse([]byte(text+"\n"), document.YAML)
		if !slices.ContainsFunc(problems, func(p change.Problem) bool { return strings.Contains(p.Hint, want) }) {
			t.Errorf("%s: problems %v, want a hint with %q", text, problems, want)
		}
	}
}

func TestProblemsRepeatNoValueOfAnUnknownKey(t *testing.T) {
	t.Parallel()
	_, problems := policy.Parse([]byte("people: []\ngrants: []\npassword: hunter2\n"), document.YAML)
	if len(problems) != 1 || strings.Contains(fmt.Sprint(problems), "hunter2") {
		t.Errorf("problems %v", problems)
	}
}

func TestRecognizeDistinguishesPoliciesFromChanges(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"people: 1": true, "grants:": true, "servers: []": true, "approvals: []": true,
		"changes: []": false, "Port: 1": false, "": false, "[people]": false, "people": false, "{": false,
	} {
		if got := policy.Recognize([]byte(text), document.YAML); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}
