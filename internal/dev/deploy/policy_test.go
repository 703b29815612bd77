package deploy_test

import (
	"fmt"
	"reflect"
	"strings"
)

// rights is a RAM policy document.
type rights struct {
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
	return []string{"change-author.json", "function-trust.json", "function.json", "oss-invoke-trust.json", "oss-invoke.json", "policy-editor.json"}
}

// fillPolicy replaces a document's placeholders with the test's values.
func fillPolicy(text string) string {
	return strings.NewReplacer(
		"ACCOUNT_ID", account, "CHANGE_BUCKET", changeBucket, "RECORD_BUCKET", recordBucket,
		"SERVER_REGION", "*", "SERVER_ID", "*", "FUNCTION_NAME", "sslvpn-change",
		"LOG_PROJECT", "sslvpn-change-"+account+"-"+region, "REGION", region,
	).Replace(text)
}

// checkPolicies compares the template's policies with the documents and finds
// rights that nobody needs.
func checkPolicies(documents map[string]string, inTemplate map[string]rights) []string {
	var problems []string
	for _, name := range policyFiles() {
		var p rights
		if err := strictText([]byte(fillPolicy(documents[name])), &p); err != nil {
			problems = append(problems, fmt.Sprintf("docs/policies/%s: %v", name, err))
		}
		if !reflect.DeepEqual(p, inTemplate[name]) {
			problems = append(problems, fmt.Sprintf("docs/policies/%s is not the template's: %+v and %+v", name, p, inTemplate[name]))
		}
		for _, s := range p.Statement {
			for _, action := range s.Action {
				if s.Effect != "Deny" && strings.Contains(action, "*") {
					problems = append(problems, fmt.Sprintf("%s: action %q is a wildcard", name, action))
				}
			}
		}
	}
	problems = append(problems, checkFunctionRights(inTemplate["function.json"])...)
	problems = append(problems, checkAuthorRights(inTemplate["change-author.json"])...)
	return append(problems, checkEditorRights(inTemplate["policy-editor.json"])...)
}
