package main

import (
	"errors"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/manifest"
)

type validateCmd struct {
	Files []string `arg:"" name:"file" help:"Change documents, YAML or JSON; - reads standard input."`
	JSON  bool     `name:"json" help:"Print the problems as JSON."`
}

// verdict is what was found in one file.
type verdict struct {
	File     string           `json:"file"`
	Changes  int              `json:"changes"` // in a valid file
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
		v := validate(name, data)
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
			t.say("%s: valid, %s", v.File, plural(v.Changes, "change"))
		}
	}
	return failed
}

// validate applies the rules of change files, which may say who asks.
func validate(name string, data []byte) verdict {
	format := manifest.YAML
	if isJSON(name, data) {
		format = manifest.JSON
	}
	requests, problems := manifest.Parse(data, manifest.Options{Format: format, AllowRequestedBy: true, Now: time.Now()})
	if problems == nil {
		problems = []change.Problem{}
	}
	return verdict{File: name, Changes: len(requests), Problems: problems}
}
