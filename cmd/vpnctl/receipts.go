package main

import (
	"context"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

type receiptsCmd struct {
	functionFlags

	Path  string `arg:"" help:"The change file in the bucket, with or without changes/ before it."`
	Limit int    `default:"1" help:"How many uploads, 1 to 20, the newest first."`
	JSON  bool   `name:"json" help:"Print the function's answer as JSON."`
}

// Run shows what became of the uploads. The exit status is that of the newest.
func (c *receiptsCmd) Run(ctx context.Context, t *terminal) error {
	client, err := c.client(t)
	if err != nil {
		return err
	}
	path := c.Path
	if !strings.HasPrefix(path, objects.Files) {
		path = objects.Files + path
	}
	got, err := client.Receipts(ctx, path, c.Limit, newDelivery())
	if err != nil {
		return err
	}
	list := got.Value.Receipts
	if len(list) == 0 {
		return foreign("the function answered without a receipt")
	}
	if c.JSON {
		if err := printJSON(t, got.Raw); err != nil {
			return err
		}
	} else {
		for _, r := range list {
			showReceipt(t, r)
		}
	}
	if list[0].Status != record.FileAccepted {
		return outcome(exitFailed)
	}
	return nil
}

func showReceipt(t *terminal, r record.Receipt) {
	t.say("%s  %s  uploaded at %s", r.Status, r.File, stamp(r.LastModified))
	if r.Earlier != "" {
		t.say("  the same content as before: it requested nothing")
	}
	for _, c := range r.Changes {
		t.say("  %s", c.ID)
	}
	for _, p := range r.Problems {
		t.say("  %s", problemLine(r.File, p))
	}
}
