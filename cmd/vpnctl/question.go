package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
)

// askingFlags are the flags of verbs that ask before they request a change.
type askingFlags struct {
	Yes bool `short:"y" help:"Do not ask. Only a terminal is asked: a program needs no flag."`
}

// agreed shows what a command would do and asks, where somebody is there to answer: both
// standard input and output are a terminal. It reports whether to send the command.
func (f askFlags) agreed(ctx context.Context, t *terminal, client *remote.Client, yes bool, c command.Command) (bool, error) {
	if yes || !t.asks || t.json || c.DryRun {
		return true, nil
	}
	preview, err := f.preview(ctx, client, c)
	if err != nil || preview == nil {
		return err == nil, err // the function says why there is nothing to ask
	}
	ans, err := f.send(ctx, client, *preview, "")
	if err != nil {
		return false, err
	}
	if err := f.show(t, ans); err != nil {
		return false, err // it would be refused
	}
	return f.question(ctx, t, c)
}

// preview is the plan that shows what a command would do. It is nil for a rollback that
// the function refuses.
func (f askFlags) preview(ctx context.Context, client *remote.Client, c command.Command) (*command.Command, error) {
	if c.Verb != command.Rollback {
		c.Verb = command.Plan
		return &c, nil
	}
	done, err := client.Change(ctx, c.Change, newDelivery())
	if err != nil {
		return nil, err
	}
	if !done.Status.Final() || len(done.Changed) == 0 {
		return nil, nil //nolint:nilnil // there is no plan, and no error
	}
	look := command.Command{Verb: command.Status, Server: done.ServerID, Region: done.RegionID, Lang: c.Lang}
	now, err := f.send(ctx, client, look, "")
	if err != nil || now.Server == nil {
		return nil, err
	}
	undo := plan.Undo(done.Changed, now.Server.Settings, 0)
	if len(undo.Patch) == 0 {
		return nil, nil //nolint:nilnil // there is no plan, and no error
	}
	c.Verb, c.Change, c.Server, c.Region, c.Patch = command.Plan, "", done.ServerID, done.RegionID, undo.Patch
	return &c, nil
}

// question asks on the terminal. Anything but a yes is a no.
func (f askFlags) question(ctx context.Context, t *terminal, c command.Command) (bool, error) {
	text := "Apply this? [y/N] "
	tag := lang.Tag(f.Lang)
	if tag == "" {
		tag = c.Lang
	}
	if tag == lang.Chinese {
		text = "执行该变更？[y/N] "
	}
	_, _ = fmt.Fprint(t.out, text)
	answer, err := answered(ctx, t)
	if err != nil {
		_, _ = fmt.Fprintln(t.out) // the question's line has no answer
		return false, &commandError{code: remote.CodeInterrupted, message: "interrupted: nothing was sent", exit: exitFailed}
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "是":
		return true, nil
	default:
		t.note("nothing was sent")
		return false, outcome(exitFailed)
	}
}

// answered reads one line. A read from a terminal does not end with ctx: it is left.
func answered(ctx context.Context, t *terminal) (string, error) {
	type line struct {
		text string
		err  error
	}
	typed := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(t.in).ReadString('\n')
		typed <- line{text, err}
	}()
	select {
	case l := <-typed:
		if l.text == "" && l.err != nil {
			return "", l.err
		}
		return l.text, nil
	case <-ctx.Done():
		return "", errors.New("interrupted")
	}
}
