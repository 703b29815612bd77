package observe

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed observe.yaml
var source []byte

// Text is a text in both languages.
type Text struct {
	EN string `yaml:"en"`
	ZH string `yaml:"zh"`
}

// Both are both languages on one line.
func (t Text) Both() string {
	if t.EN == t.ZH {
		return t.EN
	}
	return t.EN + " / " + t.ZH
}

// Spec is everything that is installed.
type Spec struct {
	Index struct {
		Text []string `yaml:"text"`
		Long []string `yaml:"long"`
	} `yaml:"index"`
	Searches  []Search  `yaml:"searches"`
	Dashboard Dashboard `yaml:"dashboard"`
	Alerts    []Alert   `yaml:"alerts"`
}

// Search is a saved search.
type Search struct {
	Name  string `yaml:"name"`
	Title Text   `yaml:"title"`
	Query string `yaml:"query"`
}

// Dashboard is a page of charts.
type Dashboard struct {
	Name   string  `yaml:"name"`
	Title  Text    `yaml:"title"`
	Charts []Chart `yaml:"charts"`
}

// Chart is one chart; X and Y are columns of its query.
type Chart struct {
	Title Text     `yaml:"title"`
	Type  string   `yaml:"type"` // line, column, pie or table
	Start string   `yaml:"start"`
	Width int      `yaml:"width"` // of 10
	X     []string `yaml:"x"`
	Y     []string `yaml:"y"`
	Query string   `yaml:"query"`
}

// Alert is an alert rule.
type Alert struct {
	Name      string `yaml:"name"`
	Title     Text   `yaml:"title"`
	Severity  int    `yaml:"severity"` // 2, 4, 6, 8 or 10
	Every     string `yaml:"every"`    // how often it is checked
	Window    string `yaml:"window"`   // how far back its query looks
	Runbook   string `yaml:"runbook"`  // a section of docs/operating.md
	Query     string `yaml:"query"`
	Condition string `yaml:"condition"` // on the columns of the query's only row
	Says      Text   `yaml:"says"`      // with ${column}
}

// Load reads what is embedded.
func Load() (*Spec, error) {
	var s Spec
	d := yaml.NewDecoder(bytes.NewReader(source))
	d.KnownFields(true)
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("observe.yaml: %w", err)
	}
	return &s, nil
}

// Target is where it is installed, and what differs there.
type Target struct {
	Project       string // of the log store
	Logstore      string
	Region        string
	ActionPolicy  string // who is told about alerts; "" for no alerts
	ApprovalHours string // from how many hours on an approval that is open is an alert
}

// The defaults of a Target.
const (
	DefaultLogstore      = "fc-logs"
	DefaultApprovalHours = "4"
)

// Check returns what is wrong with a target.
func (t Target) Check() error {
	var problems []error
	report := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	report(name(t.Project, 63), "the project %q is not the name of a log project: give --project, as in sslvpn-change-1234567890123456-cn-hangzhou", t.Project)
	report(name(t.Logstore, 63), "the log store %q is not a name: give --logstore, as in fc-logs", t.Logstore)
	report(name(t.Region, 40), "the region %q is not an id such as cn-hangzhou: give --region", t.Region)
	report(t.ActionPolicy == "" || policyID(t.ActionPolicy), "the action policy %q is not an id: letters, digits, '.', '_' and '-', as in sslvpn-change-oncall", t.ActionPolicy)
	report(hours(t.ApprovalHours), "the hours %q are not a whole number from 1 to 9999: give --approval-hours", t.ApprovalHours)
	return errors.Join(problems...)
}

// name reports whether a text is a name of SLS: 3 to most small letters, digits, "-" and
// "_", which begins and ends with a letter or a digit. Names become parts of hosts and paths.
func name(s string, most int) bool {
	ends := strings.Trim(s, "-_")
	return len(s) >= 3 && len(s) <= most && ends == s && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// policyID reports whether a text is the id of an action policy.
func policyID(s string) bool {
	return len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", r)
	})
}

func hours(s string) bool {
	return len(s) >= 1 && len(s) <= 4 && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}
