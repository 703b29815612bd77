package deploy_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// policy is a RAM policy document.
type policy struct {
	Version   string      `yaml:"Version"`
	Statement []statement `yaml:"Statement"`
}

type statement struct {
	Effect    string              `yaml:"Effect"`
	Action    oneOrMore           `yaml:"Action"`
	Resource  []string            `yaml:"Resource,omitempty"`
	Principal map[string][]string `yaml:"Principal,omitempty"`
}

// oneOrMore is a list that may be written as one string.
type oneOrMore []string

func (l *oneOrMore) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if unmarshal(&one) == nil {
		*l = oneOrMore{one}
		return nil
	}
	return unmarshal((*[]string)(l))
}

// policyFiles are the documents in docs/policies.
func policyFiles() []string {
	return []string{"change-author.json", "function-trust.json", "function.json", "oss-invoke-trust.json", "oss-invoke.json"}
}

// fillPolicy puts the test's world in the place of a document's placeholders.
func fillPolicy(text string) string {
	return strings.NewReplacer(
		"ACCOUNT_ID", account, "CHANGE_BUCKET", changeBucket, "RECORD_BUCKET", recordBucket,
		"SERVER_REGION", "*", "SERVER_ID", "*", "FUNCTION_NAME", "sslvpn-change",
		"LOG_PROJECT", "sslvpn-change-"+account+"-"+region, "REGION", region,
	).Replace(text)
}

// checkPolicies compares the template's policies with the documents and looks
// for rights that nobody needs.
func checkPolicies(documents map[string]string, inTemplate map[string]policy) []string {
	var problems []string
	for _, name := range policyFiles() {
		var p policy
		if err := strictText([]byte(fillPolicy(documents[name])), &p); err != nil {
			problems = append(problems, fmt.Sprintf("docs/policies/%s: %v", name, err))
		}
		if !reflect.DeepEqual(p, inTemplate[name]) {
			problems = append(problems, fmt.Sprintf("docs/policies/%s is not the template's: %+v and %+v", name, p, inTemplate[name]))
		}
		for _, s := range p.Statement {
			for _, action := range s.Action {
				if strings.Contains(action, "*") {
					problems = append(problems, fmt.Sprintf("%s: action %q is a wildcard", name, action))
				}
			}
		}
	}
	return append(problems, checkFunctionRights(inTemplate["function.json"])...)
}

// checkFunctionRights holds the function's role to the table of objects in the
// design: who reads, writes and deletes what.
func checkFunctionRights(p policy) []string {
	var problems []string
	for prefix, want := range map[string]string{
		"changes":   "Get",
		"scheduled": "Get",
		"receipts":  "Get Put",
		"claims":    "Get Put Delete",
		"outbox":    "Get Put Delete",
		"queue":     "Get Put Delete",
		"wake":      "Put",
		"lanes":     "Get Put Delete",
		"state":     "Get Put",
		"holds":     "Get Put",
		"results":   "Get Put",
	} {
		var got []string
		for _, verb := range []string{"Get", "Put", "Delete"} {
			if p.grants("oss:"+verb+"Object", prefix) {
				got = append(got, verb)
			}
		}
		if strings.Join(got, " ") != want {
			problems = append(problems, fmt.Sprintf("the function may %v below %s/, want %s", got, prefix, want))
		}
	}
	for _, denied := range []struct{ action, resource string }{
		{"oss:DeleteObject", "acs:oss:*:*:*/results/*"},
		{"oss:DeleteObject", "acs:oss:*:*:*/receipts/*"},
		{"oss:PutBucketVersioning", "*"},
	} {
		if !slices.ContainsFunc(p.Statement, func(s statement) bool {
			return s.Effect == "Deny" && slices.Contains(s.Action, denied.action) && slices.Contains(s.Resource, denied.resource)
		}) {
			problems = append(problems, fmt.Sprintf("the function is not denied %s on %s", denied.action, denied.resource))
		}
	}
	return problems
}

func (p policy) grants(action, prefix string) bool {
	bucket := changeBucket
	if prefix == "results" {
		bucket = recordBucket
	}
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Allow" && slices.Contains(s.Action, action) &&
			slices.Contains(s.Resource, "acs:oss:*:"+account+":"+bucket+"/"+prefix+"/*")
	})
}
