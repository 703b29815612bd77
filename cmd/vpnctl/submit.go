package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

type submitCmd struct {
	functionFlags
	changeFlags

	File string        `arg:"" optional:"" complete:"files" help:"Change document, YAML or JSON; - reads standard input."`
	Plan bool          `help:"Show the difference, without changing anything."`
	ID   string        `name:"id" help:"Delivery id; repeat a delivery whose answer was lost with its id, so that it is executed once."`
	Wait time.Duration `default:"60s" help:"How long to wait for the outcome; 0 does not wait."`
	JSON bool          `name:"json" help:"Print the function's answer as JSON."`
}

// Run sends the document and waits for the outcome.
func (c *submitCmd) Run(ctx context.Context, t *terminal) error {
	doc, err := c.read(t)
	if err != nil {
		return err
	}
	client, err := c.client(t)
	if err != nil {
		return err
	}
	id := c.ID
	if id == "" {
		id = newDelivery()
	}
	if c.Plan {
		plans, err := client.Plan(ctx, doc, id)
		if err != nil {
			return c.refused(err, id)
		}
		return showPlans(t, plans, c.JSON)
	}
	changes, err := client.Submit(ctx, doc, id)
	if err != nil {
		return c.refused(err, id)
	}
	if c.Wait <= 0 {
		return showAccepted(t, changes, c.JSON)
	}
	changes, err = follow(ctx, t, client, remote.Pending{Changes: changes, Document: &doc, Delivery: id, Enough: idle(c.Wait)}, c.Wait)
	if err != nil {
		some, others := firstOf(changes, func(remote.Change) bool { return true })
		for _, ch := range some {
			t.note("accepted: %s; check it with: vpnctl status %s", ch.ID, ch.ID)
		}
		if others > 0 {
			t.note("and %s", plural(others, "other"))
		}
		return err
	}
	return showChanges(t, changes, c.JSON)
}

func (c *submitCmd) read(t *terminal) (remote.Document, error) {
	switch {
	case c.File != "" && c.given():
		return remote.Document{}, misused("give a file or --set, not both")
	case c.given():
		return c.document()
	case c.File == "":
		return remote.Document{}, misused("nothing to submit: give a change document, - for standard input, or --set")
	}
	data, err := readDocument(t, c.File)
	if err != nil {
		return remote.Document{}, err
	}
	return remote.Document{Data: data, JSON: isJSON(c.File, data)}, nil
}

// refused adds a document's problems with their lines, and how to repeat a delivery
// that may have been received.
func (c *submitCmd) refused(err error, id string) error {
	no := explain(err)
	refused, ok := errors.AsType[*remote.RefusedError](err)
	if !ok {
		if c.Plan {
			return no
		}
		return no.advise("the request may have been received: repeat it with --id " + id + ", so that it is executed once")
	}
	name := c.File
	if name == "" {
		name = "--set"
	}
	some, others := firstOf(refused.Problems, func(change.Problem) bool { return true })
	for _, p := range some {
		if c.File == "" {
			p.Line = 0 // the document was generated from flags
		}
		no.lines = append(no.lines, problemLine(name, p))
	}
	if others > 0 {
		no.lines = append(no.lines, fmt.Sprintf("and %s; --json prints all", plural(others, "other problem")))
	}
	return no
}

// showChanges prints the outcomes, and returns the worst as the exit status. Many
// changes are summarized by server; those that are not good are shown one by one.
func showChanges(t *terminal, changes []remote.Change, asJSON bool) error {
	good := succeeded(changes)
	bad := func(ch remote.Change) bool { return !good(ch) }
	switch {
	case asJSON:
		if err := printJSON(t, map[string]any{"changes": raws(changes)}); err != nil {
			return err
		}
	case len(changes) <= maxRendered:
		for _, ch := range changes {
			t.say("%s", renderChange(ch))
		}
	default:
		t.say("%s", renderServers(changes))
		some, others := firstOf(changes, func(ch remote.Change) bool { return bad(ch) && ch.Status.Final() })
		for _, ch := range some {
			t.say("%s", renderChange(ch))
		}
		if others > 0 {
			t.say("and %s that did not succeed; --json prints all", plural(others, "other"))
		}
	}
	some, others := firstOf(changes, func(ch remote.Change) bool { return !ch.Status.Final() })
	for _, ch := range some {
		what := "has not ended yet"
		if ch.Unapproved() {
			what = "waits for approval"
		}
		if ch.Cause == "window" {
			what = "waits for its window"
		}
		t.note("%s %s; check it with: vpnctl status %s", ch.ID, what, ch.ID)
	}
	if others > 0 {
		t.note("and %s that have not ended yet", plural(others, "other"))
	}
	return outcome(exitOfChanges(changes))
}

// showAccepted prints the ids, of many changes the first.
func showAccepted(t *terminal, changes []remote.Change, asJSON bool) error {
	if asJSON {
		return printJSON(t, map[string]any{"changes": raws(changes)})
	}
	some, others := firstOf(changes, func(remote.Change) bool { return true })
	for _, ch := range some {
		t.say("%s  %s%s", ch.ID, ch.Status, dueAt(ch.DueAt))
	}
	if others > 0 {
		t.say("and %s; --json prints all", plural(others, "other"))
	}
	return nil
}

// showPlans prints the plans; many are summarized by server, and of those that would be
// refused the first are shown.
func showPlans(t *terminal, plans []remote.Plan, asJSON bool) error {
	refused := func(p remote.Plan) bool { return len(p.Problems) > 0 }
	switch {
	case asJSON:
		if err := printJSON(t, map[string]any{"changes": plans}); err != nil {
			return err
		}
	case len(plans) <= maxRendered:
		for _, p := range plans {
			t.say("%s", renderPlan(p))
		}
	default:
		t.say("%s", planServers(plans))
		some, others := firstOf(plans, refused)
		for _, p := range some {
			t.say("change %d: %s", p.Index, renderPlan(p))
		}
		if others > 0 {
			t.say("and %s that would be refused; --json prints all", plural(others, "other"))
		}
	}
	if slices.ContainsFunc(plans, refused) {
		return outcome(exitFailed)
	}
	return nil
}
