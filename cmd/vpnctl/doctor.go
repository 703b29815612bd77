package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/doctor"
	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/version"
)

type doctorCmd struct {
	functionFlags
	settingsFlag

	Live     bool          `help:"Check the account as well, through the deployed function, for administrators of all servers. Says before what it writes, reads and calls, and asks."`
	Yes      bool          `short:"y" help:"Do not ask."`
	Server   string        `help:"With --live: look at this server as well, a name of the policy or region/id, and send it a dry run of its own name."`
	Policy   string        `type:"path" complete:"files" help:"The policy to check; default: policy/policy.yaml or policy.yaml, if there is one."`
	Only     []string      `placeholder:"CHECK" help:"Make these checks only."`
	Function string        `default:"sslvpn-change" help:"Name of the function, for the commands that it suggests."`
	Patience time.Duration `default:"3m" help:"With --live: how long to wait for what the platform does on its own."`
	JSON     bool          `name:"json" help:"Print the results as JSON."`
}

// Run checks the deployment. The exit status is 1 if there is a finding.
func (c *doctorCmd) Run(ctx context.Context, t *terminal) error {
	if err := c.valid(t); err != nil {
		return err
	}
	files := doctor.Files{
		Settings: shortPath(c.File), SecretFile: shortPath(c.SecretFile), Policy: shortPath(c.policyPath()), Serverless: "s.yaml", Template: "template.yml", System: runtime.GOOS,
	}
	results := files.Check()
	client, unusable := c.client(t)
	if unusable != nil {
		client = nil
	}
	fn := doctor.Function{URL: c.URL, HTTP: &http.Client{Timeout: 20 * time.Second}, Now: time.Now, Remote: client, Own: version.Read()}
	results = append(results, fn.Check(ctx, newDelivery)...)
	if c.Live {
		if unusable != nil {
			return unusable
		}
		if err := c.consent(ctx, t); err != nil {
			return err
		}
		live, err := c.account(t, client).Check(ctx, c.wants)
		if err != nil {
			return err
		}
		results = append(results, live...)
	}
	return c.report(t, slices.DeleteFunc(results, func(r doctor.Result) bool { return !c.wants(r.Check) }))
}

// valid refuses names of checks that there are not.
func (c *doctorCmd) valid(t *terminal) error {
	var known []string
	for _, a := range doctor.Catalogue() {
		known = append(known, a.Check)
	}
	for _, name := range c.Only {
		if !slices.Contains(known, name) {
			return misused("there is no check %s: the checks are %s", name, strings.Join(known, ", "))
		}
	}
	if c.Live && !c.Yes && (!t.asks || t.json) {
		return misused("--live writes objects and calls APIs, and there is nobody to ask: give --yes")
	}
	return nil
}

func (c *doctorCmd) wants(check string) bool {
	return len(c.Only) == 0 || slices.Contains(c.Only, check)
}

// policyPath is the policy to check, "" for none.
func (c *doctorCmd) policyPath() string {
	for _, path := range []string{c.Policy, objects.PolicyFile, "policy.yaml"} {
		if _, err := os.Stat(path); path != "" && (path == c.Policy || err == nil) {
			return path
		}
	}
	return ""
}

// consent says what the live checks do, and asks.
func (c *doctorCmd) consent(ctx context.Context, t *terminal) error {
	if c.Yes {
		return nil
	}
	t.say("%s", doctor.Consent)
	_, _ = fmt.Fprint(t.out, "Check the account? [y/N] ")
	answer, err := answered(ctx, t)
	switch {
	case err != nil:
		_, _ = fmt.Fprintln(t.out) // the question's line has no answer
		return &commandError{code: remote.CodeInterrupted, message: "interrupted: nothing was checked", exit: exitFailed}
	case !slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(answer))):
		t.note("the account was not checked")
		return outcome(exitFailed)
	}
	return nil
}

func (c *doctorCmd) account(t *terminal, client *remote.Client) doctor.Account {
	a := doctor.Account{Remote: client, Server: c.Server, Function: c.Function, Patience: c.Patience, Delivery: newDelivery}
	if !t.json {
		a.Begun = func(check string) { t.note("checking %s", check) }
	}
	return a
}

// report prints the results, and what to do about findings.
func (c *doctorCmd) report(t *terminal, results []doctor.Result) error {
	findings, unchecked := 0, 0
	for _, r := range results {
		switch r.Outcome {
		case doctor.Finding:
			findings++
		case doctor.NotChecked:
			unchecked++
		case doctor.OK:
		}
	}
	end := outcome(exitDone)
	if findings > 0 {
		end = outcome(exitFailed)
	}
	if c.JSON {
		if err := printJSON(t, doctorReport{len(results), findings, unchecked, results}); err != nil {
			return err
		}
		return end
	}
	for _, r := range results {
		t.say("%-11s  %-17s %s", r.Outcome, r.Check, r.Statement)
		t.say("%31s%s", "", r.Found)
		if r.Outcome == doctor.Finding {
			t.say("%31son it rests: %s", "", r.Rests)
			t.say("%31swhat to do: %s", "", r.Do)
		}
	}
	t.say("%s of %s, %d not checked", plural(findings, "finding"), plural(len(results), "check"), unchecked)
	return end
}

// doctorReport is the report for programs.
type doctorReport struct {
	Checks     int             `json:"checks"`
	Findings   int             `json:"findings"`
	NotChecked int             `json:"notChecked"`
	Results    []doctor.Result `json:"results"`
}
