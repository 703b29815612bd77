package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/revision"
)

// policyCmd has the commands of the policy's editors.
type policyCmd struct {
	Get     policyGetCmd     `cmd:"" help:"Print the policy in force, and say who put it."`
	Check   policyCheckCmd   `cmd:"" help:"Show the problems of a policy, or what it would allow and forbid compared with the one in force."`
	Put     policyPutCmd     `cmd:"" help:"Show what a policy would allow and forbid, ask, and put it."`
	History policyHistoryCmd `cmd:"" help:"List the policies that were put, or print one."`
}

// policyFlags are the flags of all commands of the policy.
type policyFlags struct {
	functionFlags

	JSON bool `name:"json" help:"Print the function's answer as JSON."`
}

type policyGetCmd struct {
	policyFlags

	Output string `short:"o" type:"path" placeholder:"FILE" help:"Write the policy into this file, which only you can read."`
}

// Run prints the policy, and beside it who put it.
func (c *policyGetCmd) Run(ctx context.Context, t *terminal) error {
	client, err := c.client(t)
	if err != nil {
		return err
	}
	got, err := client.Policy(ctx, newDelivery())
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(t, got.Raw)
	}
	now := got.Value
	if err := writePolicy(t, now.Text, c.Output); err != nil {
		return err
	}
	switch {
	case now.Revision != nil:
		t.note("in force: %s", revised(*now.Revision))
	default:
		t.note("in force: saved in the bucket at %s, by nobody known", stamp(now.Saved))
	}
	if now.Unfinished != nil {
		t.note("not in force: %s", revised(*now.Unfinished))
	}
	for _, p := range now.Problems {
		t.note("%s", problemLine("policy", p))
	}
	t.note("digest: %s", now.Digest)
	return nil
}

// writePolicy writes a text as it is. It has accounts of people: a file is for its owner
// alone.
func writePolicy(t *terminal, text, output string) error {
	if text == "" {
		return foreign("the policy in force is not a text that can be shown")
	}
	if output == "" {
		_, err := t.out.Write([]byte(shownText(t, text)))
		return err
	}
	return os.WriteFile(output, []byte(text), 0o600)
}

// shownText is a text for standard output: what a terminal would act on is made visible
// there.
func shownText(t *terminal, text string) string {
	if t.asks {
		return visible(text)
	}
	return text
}

// revised says who put a revision.
func revised(r revision.Revision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "revision %d, ", r.Number)
	if r.By == "" {
		fmt.Fprintf(&b, "saved in the bucket at %s, by nobody known", stamp(r.At))
	} else {
		fmt.Fprintf(&b, "put by %s (%s) at %s", r.By, r.Account, stamp(r.At))
	}
	if r.Reason != "" {
		b.WriteString(": " + r.Reason)
	}
	return b.String()
}

// stamp is a time to the second, in UTC, as in records.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

type policyCheckCmd struct {
	policyFlags

	File string `arg:"" complete:"files" help:"The policy; - reads standard input."`
}

// Run shows what the policy would change.
func (c *policyCheckCmd) Run(ctx context.Context, t *terminal) error {
	data, client, err := c.read(t, c.File)
	if err != nil {
		return err
	}
	got, err := client.CheckPolicy(ctx, data, newDelivery())
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(t, got.Raw); err != nil {
			return err
		}
	} else {
		c.show(t, c.File, got.Value)
	}
	if len(got.Value.Problems) > 0 {
		return outcome(exitFailed)
	}
	return nil
}

// read reads a policy, which is not sent if it is invalid.
func (f policyFlags) read(t *terminal, name string) ([]byte, *remote.Client, error) {
	data, err := readDocument(t, name)
	if err != nil {
		return nil, nil, err
	}
	format := document.YAML // as the function reads it
	if _, problems := policy.Parse(data, format); len(problems) > 0 {
		no := &commandError{code: codeInvalid, message: "the policy was not sent: " + plural(len(problems), "problem"), problems: problems, exit: exitFailed}
		for _, p := range problems {
			no.lines = append(no.lines, problemLine(name, p))
		}
		return nil, nil, no
	}
	client, err := f.client(t)
	return data, client, err
}

// show prints a check.
func (f policyFlags) show(t *terminal, name string, check revision.Check) {
	for _, p := range check.Problems {
		t.say("%s", problemLine(name, p))
	}
	switch {
	case check.Comparison == nil:
	case check.Unchanged:
		t.say("%s is in force", name)
	default:
		for _, line := range compared(*check.Comparison) {
			t.say("%s", line)
		}
	}
}

// noBase stands for the digest of no policy.
const noBase = "none"

type policyPutCmd struct {
	policyFlags
	deliveryFlags
	askingFlags

	File        string `arg:"" complete:"files" help:"The policy; - reads standard input."`
	Base        string `placeholder:"DIGEST" help:"Put it only if this policy is in force: the digest that get printed, or none; default: the policy with which it is compared."`
	Reason      string `help:"The reason, in one line."`
	GiveUpRight bool   `help:"Put it also if you lose the right to put the next one."`
}

// Run puts the policy.
func (c *policyPutCmd) Run(ctx context.Context, t *terminal) error {
	data, client, err := c.read(t, c.File)
	if err != nil {
		return err
	}
	check, err := client.CheckPolicy(ctx, data, newDelivery())
	if err != nil {
		return err
	}
	base := c.Base
	if base == "" {
		base = check.Value.Base
	}
	if base == "" {
		base = noBase
	}
	if agreed, err := c.agreed(ctx, t, check.Value); !agreed {
		return err
	}
	id := c.delivery()
	got, err := client.PutPolicy(ctx, remote.PolicyPut{Text: string(data), Base: base, Reason: c.Reason, GiveUp: c.GiveUpRight}, id)
	if err != nil {
		no := explain(err)
		if refused, ok := errors.AsType[*remote.RefusedError](err); ok {
			for _, p := range refused.Problems {
				no.lines = append(no.lines, problemLine(c.File, p))
			}
		}
		if _, lost := errors.AsType[*remote.NoAnswerError](err); lost || no.code == "policy-under-way" || no.code == "unavailable" {
			no = no.advise("it may have been put: repeat it with --base " + base + " --id " + id + ", so that it is put once")
		}
		return no
	}
	if c.JSON {
		return printJSON(t, got.Raw)
	}
	switch res := got.Value; {
	case res.Unchanged:
		t.say("unchanged: it was in force already")
	case res.Replaced && res.Revision != nil:
		t.say("it was put, and is not in force any more: %s", revised(*res.Revision))
	case res.Revision != nil:
		t.say("in force: %s", revised(*res.Revision))
	default:
		return foreign("the function accepted the policy and named no revision")
	}
	return nil
}

// agreed shows what a policy would change, and asks where somebody is there to answer.
func (c *policyPutCmd) agreed(ctx context.Context, t *terminal, check revision.Check) (bool, error) {
	check.Problems = slices.DeleteFunc(check.Problems, func(p change.Problem) bool { return c.GiveUpRight && p.Rule == revision.RuleLocksYouOut })
	if len(check.Problems) > 0 {
		no := &commandError{code: codeInvalid, message: "the policy was not put: " + plural(len(check.Problems), "problem"), problems: check.Problems, exit: exitFailed}
		for _, p := range check.Problems {
			no.lines = append(no.lines, problemLine(c.File, p))
		}
		return false, no
	}
	if !c.JSON {
		c.show(t, c.File, check)
	}
	if c.Yes || !t.asks || t.json || check.Unchanged {
		return true, nil
	}
	_, _ = fmt.Fprint(t.out, "Put this policy? [y/N] ")
	answer, err := answered(ctx, t)
	if err != nil {
		_, _ = fmt.Fprintln(t.out)
		return false, &commandError{code: remote.CodeInterrupted, message: "interrupted: nothing was put", exit: exitFailed}
	}
	if word := strings.ToLower(strings.TrimSpace(answer)); word == "y" || word == "yes" {
		return true, nil
	}
	t.note("nothing was put")
	return false, outcome(exitFailed)
}

type policyHistoryCmd struct {
	policyFlags

	Number int64  `arg:"" optional:"" help:"Print the text of this revision; default: list the revisions."`
	Limit  int    `default:"20" help:"How many are listed, 1 to 50."`
	Before int64  `placeholder:"NUMBER" help:"Only revisions with smaller numbers."`
	Output string `short:"o" type:"path" placeholder:"FILE" help:"Write the text into this file, which only you can read."`
}

// Run lists the revisions, or prints one.
func (c *policyHistoryCmd) Run(ctx context.Context, t *terminal) error {
	if c.Output != "" && c.Number == 0 {
		return misused("-o writes one revision: give its number")
	}
	client, err := c.client(t)
	if err != nil {
		return err
	}
	if c.Number != 0 {
		got, err := client.PolicyRevision(ctx, c.Number, newDelivery())
		switch {
		case err != nil:
			return err
		case c.JSON:
			return printJSON(t, got.Raw)
		}
		t.note("%s", revised(got.Value))
		return writePolicy(t, got.Value.Text, c.Output)
	}
	got, err := client.PolicyHistory(ctx, c.Before, c.Limit, newDelivery())
	switch {
	case err != nil:
		return err
	case c.JSON:
		return printJSON(t, got.Raw)
	}
	if len(got.Value.Revisions) == 0 {
		t.say("no policy was put over HTTP")
	}
	for _, r := range got.Value.Revisions {
		switch line := revised(r.Revision); {
		case r.Damaged:
			t.say("revision %d cannot be read", r.Number)
		case r.InForce:
			t.say("%s (in force)", line)
		default:
			t.say("%s", line)
		}
	}
	if got.Value.Next != 0 {
		t.note("more: vpnctl policy history --before %d", got.Value.Next)
	}
	return nil
}
