package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

type validateCmd struct {
	Files  []string `arg:"" name:"file" complete:"files" help:"Change documents or policies, YAML or JSON; - reads standard input."`
	JSON   bool     `name:"json" help:"Print the problems as JSON."`
	Policy bool     `help:"Validate every file as a policy; default: a policy is recognized by its keys, or by the path policy/policy.yaml."`
}

// report is the outcome for one file.
type report struct {
	File     string           `json:"file"`
	Changes  int              `json:"changes"` // in a valid file
	Policy   bool             `json:"policy,omitempty"`
	People   int              `json:"people,omitempty"` // in a valid policy
	Tests    int              `json:"tests,omitempty"`  // in a valid policy: all of them hold
	Problems []change.Problem `json:"problems"`
	Warnings []string         `json:"warnings,omitempty"` // of a valid policy

	failed *commandError // the file cannot be read
}

// Run checks every file and prints every problem of each.
func (c *validateCmd) Run(t *terminal) error {
	reports := make([]report, 0, len(c.Files))
	var failed error
	regions := change.Regions{}.With(strings.FieldsFunc(t.variable(variableRegions), func(c rune) bool { return c == ',' || c == ' ' })...)
	for _, name := range c.Files {
		data, err := readDocument(t, name)
		if err != nil {
			reports = append(reports, report{File: name, Problems: some(nil), failed: explain(err)})
			failed = outcome(exitFailed)
			continue
		}
		v := c.validate(name, data, regions)
		reports = append(reports, v)
		if len(v.Problems) > 0 {
			failed = outcome(exitFailed)
		}
	}
	if c.JSON {
		return errors.Join(printJSON(t, reports), failed)
	}
	for _, v := range reports {
		if v.failed != nil {
			v.failed.report(t)
			continue
		}
		for _, p := range v.Problems {
			t.say("%s", problemLine(v.File, p))
		}
		if len(v.Problems) == 0 {
			t.say("%s: valid, %s", v.File, v.holds())
		}
		for _, w := range v.Warnings {
			t.say("%s: warning: %s", v.File, w)
		}
	}
	return failed
}

// MarshalJSON adds the error of a file that cannot be read, as other commands have it.
func (v report) MarshalJSON() ([]byte, error) {
	type plain report
	out := struct {
		plain

		Error *errorJSON `json:"error,omitempty"`
	}{plain: plain(v)}
	if v.failed != nil {
		out.Error = v.failed.body()
	}
	return json.Marshal(out)
}

// holds describes the contents of a valid file.
func (v report) holds() string {
	switch {
	case !v.Policy:
		return plural(v.Changes, "change")
	case v.People == 1:
		return "policy for 1 person" + v.tested()
	default:
		return fmt.Sprintf("policy for %d people", v.People) + v.tested()
	}
}

// tested says that the tests of a policy hold; "" without any.
func (v report) tested() string {
	switch v.Tests {
	case 0:
		return ""
	case 1:
		return ", 1 test holds"
	default:
		return fmt.Sprintf(", %d tests hold", v.Tests)
	}
}

// validate applies the rules of policies to a policy, and the rules of change
// files, which may have requestedBy, to everything else. The regions are those that
// the function knows.
func (c *validateCmd) validate(name string, data []byte, regions change.Regions) report {
	format := manifest.YAML
	if isJSON(name, data) {
		format = manifest.JSON
	}
	if c.Policy || isPolicyPath(name) || policy.Recognize(data, format) {
		p, problems := policy.Parse(data, format)
		v := report{File: name, Policy: true, Problems: some(problems)}
		if p != nil {
			v.People, v.Tests, v.Warnings = len(p.People()), p.Tests(), outdated(p)
		}
		return v
	}
	requests, problems := manifest.Parse(data, manifest.Options{Format: format, AllowRequestedBy: true, Now: time.Now(), Regions: regions})
	return report{File: name, Changes: len(requests), Problems: some(problems)}
}

// outdated warns of windows and freezes that have no effect any more. Dates are easily
// written with the wrong year.
func outdated(p *policy.Policy) []string {
	var out []string
	windows, freezes := p.Outdated(time.Now())
	for _, name := range windows {
		out = append(out, "the window "+name+" does not open within 366 days; look at its dates, or remove it")
	}
	for _, name := range freezes {
		out = append(out, "the freeze "+name+" has ended; look at its year, or remove it")
	}
	return out
}

// isPolicyPath reports whether a path ends in the policy's key in the bucket.
func isPolicyPath(name string) bool {
	path := filepath.ToSlash(name)
	return path == objects.PolicyFile || strings.HasSuffix(path, "/"+objects.PolicyFile)
}

// some turns nil into an empty list, so that JSON has [] instead of null.
func some(problems []change.Problem) []change.Problem {
	if problems == nil {
		return []change.Problem{}
	}
	return problems
}
