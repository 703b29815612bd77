package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/manifest"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/policy"
)

type validateCmd struct {
	Files  []string `arg:"" name:"file" help:"Change documents or policies, YAML or JSON; - reads standard input."`
	JSON   bool     `name:"json" help:"Print the problems as JSON."`
	Policy bool     `help:"Take every file for a policy; else a policy is known by its keys, or by its path policy/policy.yaml."`
}

// verdict is what was found in one file.
type verdict struct {
	File     string           `json:"file"`
	Changes  int              `json:"changes"` // in a valid file
	Policy   bool             `json:"policy,omitempty"`
	People   int              `json:"people,omitempty"` // in a valid policy
	Problems []change.Problem `json:"problems"`
}

// Run checks every file and prints every problem of each.
func (c *validateCmd) Run(t *terminal) error {
	verdicts := make([]verdict, 0, len(c.Files))
	var failed error
	for _, name := range c.Files {
		data, err := readDocument(t, name)
		if err != nil {
			t.note("vpnctl: %v", err)
			failed = errShown
			continue
		}
		v := c.validate(name, data)
		verdicts = append(verdicts, v)
		if len(v.Problems) > 0 {
			failed = errShown
		}
	}
	if c.JSON {
		return errors.Join(printJSON(t, verdicts), failed)
	}
	for _, v := range verdicts {
		for _, p := range v.Problems {
			t.say("%s", problemLine(v.File, p))
		}
		if len(v.Problems) == 0 {
			t.say("%s: valid, %s", v.File, v.holds())
		}
	}
	return failed
}

// holds says what is in a valid file.
func (v verdict) holds() string {
	switch {
	case !v.Policy:
		return plural(v.Changes, "change")
	case v.People == 1:
		return "policy for 1 person"
	default:
		return fmt.Sprintf("policy for %d people", v.People)
	}
}

// validate applies the rules of policies to a policy, and to everything else
// those of change files, which may say who asks.
func (c *validateCmd) validate(name string, data []byte) verdict {
	format := manifest.YAML
	if isJSON(name, data) {
		format = manifest.JSON
	}
	if c.Policy || isPolicyPath(name) || policy.Recognize(data, format) {
		p, problems := policy.Parse(data, format)
		v := verdict{File: name, Policy: true, Problems: some(problems)}
		if p != nil {
			v.People = len(p.People())
		}
		return v
	}
	requests, problems := manifest.Parse(data, manifest.Options{Format: format, AllowRequestedBy: true, Now: time.Now()})
	return verdict{File: name, Changes: len(requests), Problems: some(problems)}
}

// isPolicyPath tells whether a file stands where the policy stands in the
// bucket.
func isPolicyPath(name string) bool {
	path := filepath.ToSlash(name)
	return path == objects.PolicyFile || strings.HasSuffix(path, "/"+objects.PolicyFile)
}

// some makes no problems an empty list, which JSON shows as one.
func some(problems []change.Problem) []change.Problem {
	if problems == nil {
		return []change.Problem{}
	}
	return problems
}
