package main

import (
	"context"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// settingsArgs are a server and its settings.
type settingsArgs struct {
	Server   string   `arg:"" help:"Name of the server in the policy, or its id, vss-…; region/id if the region is not the function's."`
	Settings []string `arg:"" name:"key=value" complete:"settings" help:"Settings as in chat, such as port=1195 proto=TCP; with expect.port=1194 the change is rejected if the port is not 1194."`
}

func (a settingsArgs) words(v command.Verb) []string {
	return append([]string{string(v), a.Server}, a.Settings...)
}

// with adds a key if it has a value.
func with(words []string, key, value string) []string {
	if value == "" {
		return words
	}
	return append(words, key+"="+value)
}

type planCmd struct {
	askFlags
	settingsArgs
}

// Run shows the difference.
func (c *planCmd) Run(ctx context.Context, t *terminal) error {
	return c.look(ctx, t, c.words(command.Plan)...)
}

// guardFlags make a change safer.
type guardFlags struct {
	Confirm string `help:"Undo the change unless somebody confirms it in this time after it was applied: 10m, proof, 20m+proof."`
	When    string `help:"Wait until few clients are connected: 'idle(5)' is fewer than 5."`
	Proof   bool   `help:"Have the function probe the server before and after the change."`

	Override string `placeholder:"FREEZE" help:"Do not wait until this freeze ends; it needs --reason and the approvals that the freeze asks for."`
}

// guards adds the keys of the flags that are given.
func (f guardFlags) guards(words []string) []string {
	words = with(with(words, "confirm", f.Confirm), "when", f.When)
	if f.Proof {
		words = with(words, "proof", "yes")
	}
	return with(words, "override", f.Override)
}

type applyCmd struct {
	askFlags
	outcomeFlags
	guardFlags
	settingsArgs

	Reason string `help:"The reason."`
	Ref    string `help:"Your ticket."`
	At     string `help:"Not before this time, such as 2026-11-23T02:00+08:00."`
	Until  string `help:"Not after this time; default: 24 hours after it is due."`
	DryRun bool   `help:"Queue the change as a dry run: nothing is sent."`
}

// Run requests the change.
func (c *applyCmd) Run(ctx context.Context, t *terminal) error {
	words := with(c.words(command.Apply), "reason", c.Reason)
	words = with(with(with(words, "ref", c.Ref), "at", c.At), "until", c.Until)
	words = c.guards(words)
	if c.DryRun {
		words = append(words, "--dry-run")
	}
	return c.ask(ctx, t, c.outcomeFlags, words...)
}

type serversCmd struct{ askFlags }

// Run lists the servers.
func (c *serversCmd) Run(ctx context.Context, t *terminal) error {
	return c.look(ctx, t, string(command.Servers))
}

type historyCmd struct {
	askFlags

	Server string `arg:"" optional:"" help:"Name of the server in the policy, or its id, vss-…; region/id if the region is not the function's; default: all servers."`
	Limit  int    `help:"The largest number of changes, 1 to 20; default: 10."`
	Since  string `placeholder:"WHEN" help:"Only from then on: 24h, 7d, or a time with its zone."`
	By     string `placeholder:"WHO" help:"Only what this person or account requested."`
	Status string `placeholder:"STATUS" help:"Only these, with commas: failed,rejected."`
}

// Run lists the changes.
func (c *historyCmd) Run(ctx context.Context, t *terminal) error {
	words := []string{string(command.History)}
	if c.Server != "" {
		words = append(words, c.Server)
	}
	words = with(with(with(words, "since", c.Since), "by", c.By), "status", c.Status)
	if c.Limit != 0 {
		words = with(words, "limit", strconv.Itoa(c.Limit))
	}
	return c.look(ctx, t, words...)
}

type rollbackCmd struct {
	askFlags
	outcomeFlags
	guardFlags

	Change string `arg:"" help:"Id of the change to undo."`
	Reason string `help:"The reason."`
}

// Run requests the change that undoes another one.
func (c *rollbackCmd) Run(ctx context.Context, t *terminal) error {
	words := with([]string{string(command.Rollback), c.Change}, "reason", c.Reason)
	return c.ask(ctx, t, c.outcomeFlags, c.guards(words)...)
}

type approveCmd struct {
	askFlags
	deliveryFlags

	Change string `arg:"" help:"Id of the change."`
	Code   string `arg:"" optional:"" help:"The code of the plan; without it, the plan and its code are shown and nothing is approved."`
}

// Run approves the plan that the code identifies.
func (c *approveCmd) Run(ctx context.Context, t *terminal) error {
	words := []string{string(command.Approve), c.Change}
	if c.Code != "" {
		words = append(words, c.Code)
	}
	return c.say(ctx, t, c.delivery(), words...)
}

type rejectCmd struct {
	askFlags
	deliveryFlags

	Change string `arg:"" help:"Id of the change."`
	Reason string `help:"The reason."`
}

// Run rejects a change.
func (c *rejectCmd) Run(ctx context.Context, t *terminal) error {
	return c.say(ctx, t, c.delivery(), with([]string{string(command.Reject), c.Change}, "reason", c.Reason)...)
}

type cancelCmd struct {
	askFlags
	deliveryFlags

	Change string `arg:"" help:"Id of the change."`
	Reason string `help:"The reason."`
}

// Run cancels a change.
func (c *cancelCmd) Run(ctx context.Context, t *terminal) error {
	return c.say(ctx, t, c.delivery(), with([]string{string(command.Cancel), c.Change}, "reason", c.Reason)...)
}

type confirmCmd struct {
	askFlags
	deliveryFlags

	Change string `arg:"" help:"Id of the change."`
	Time   string `arg:"" optional:"" help:"For how long from now the change may still be confirmed, 1m to 24h. Without it, the change is confirmed."`
	Reason string `help:"The reason."`
}

// Run confirms a change, or gives more time.
func (c *confirmCmd) Run(ctx context.Context, t *terminal) error {
	words := []string{string(command.Confirm), c.Change}
	if c.Time != "" {
		words = append(words, c.Time)
	}
	return c.say(ctx, t, c.delivery(), with(words, "reason", c.Reason)...)
}

type doCmd struct {
	askFlags
	deliveryFlags

	Line string `arg:"" help:"The command, in quotes: \"apply office-hangzhou port=1195\"; \"help\" lists them all."`
}

// Run sends the line unchanged; the function validates it.
func (c *doCmd) Run(ctx context.Context, t *terminal) error {
	client, err := c.client(t)
	if err != nil {
		return err
	}
	ans, err := sendLine(ctx, client, c.Line, lang.Tag(c.Lang), c.delivery())
	if err != nil {
		return err
	}
	return c.show(t, ans)
}
