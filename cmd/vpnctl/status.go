package main

import (
	"context"
	"time"

	"sslvpnchange/cmd/vpnctl/internal/remote"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/record"
)

type statusCmd struct {
	functionFlags

	ID   string        `arg:"" help:"Id of the change, as submit printed it."`
	Wait time.Duration `default:"0s" help:"How long to wait for the outcome."`
	JSON bool          `name:"json" help:"Print what the function answered as JSON."`
}

// Run asks once, or until the change has ended, and prints the answer. With
// --wait the exit status tells the outcome, as that of submit.
func (c *statusCmd) Run(ctx context.Context, t *terminal) error {
	client, err := c.client(t)
	if err != nil {
		return err
	}
	if c.Wait > 0 {
		asked := remote.Change{Record: record.Record{ID: c.ID, Status: change.Queued}}
		changes, err := follow(ctx, t, client, []remote.Change{asked}, c.Wait)
		if err != nil {
			return err
		}
		return showChanges(t, changes, c.JSON)
	}
	ch, err := client.Change(ctx, c.ID, newDelivery())
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(t, ch.Raw)
	}
	t.say("%s", renderChange(ch))
	return nil
}
