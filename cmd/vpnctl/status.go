package main

import (
	"context"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

type statusCmd struct {
	askFlags

	Of   string        `arg:"" optional:"" name:"change-or-server" help:"Id of a change, as printed by submit and apply, or a server; default: all queued changes."`
	Wait time.Duration `default:"0s" help:"How long to wait for the outcome of a change."`
}

// Run shows the state of a change, a server or the queue. With --wait it waits
// until the change has ended, and the exit status is the outcome, as for submit.
func (c *statusCmd) Run(ctx context.Context, t *terminal) error {
	words := []string{string(command.Status)}
	if c.Of != "" {
		words = append(words, c.Of)
	}
	cmd, err := c.read(words...)
	switch {
	case err != nil:
		return err
	case cmd.Change != "":
		return c.change(ctx, t, cmd.Change)
	case c.Wait > 0:
		return misused("only a change can be waited for: give its id")
	}
	return c.look(ctx, t, words...)
}

func (c *statusCmd) change(ctx context.Context, t *terminal, id string) error {
	client, err := c.client(t)
	if err != nil {
		return err
	}
	if c.Wait > 0 {
		asked := remote.Change{Record: record.Record{ID: id, Status: change.Queued}}
		changes, err := follow(ctx, t, client, remote.Pending{Changes: []remote.Change{asked}}, c.Wait)
		if err != nil {
			return err
		}
		return showChanges(t, changes, c.JSON)
	}
	ch, err := client.Change(ctx, id, newDelivery())
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(t, ch.Raw)
	}
	if ch.Unapproved() {
		// The answer to the command has the difference, its code and who may approve it.
		if err := c.look(ctx, t, string(command.Status), id); err == nil {
			return nil
		}
	}
	t.say("%s", renderChange(ch))
	return nil
}
