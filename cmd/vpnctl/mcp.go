package main

import (
	"context"
	"errors"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/mcp"
	"github.com/sslvpn-change/sslvpn-change/internal/version"
)

type mcpCmd struct {
	functionFlags
}

// Help says who the sender has to be.
func (*mcpCmd) Help() string {
	return "Speaks the Model Context Protocol on standard input and output: an AI assistant starts it. It signs with the assistant's own secret, and the " +
		"assistant must be one by the policy (assistant: true), or may only read. The tools are servers, plan, propose, status, list, history and windows; " +
		"people approve what it proposes. See docs/mcp.md."
}

// Run serves one assistant until its client ends.
func (c *mcpCmd) Run(ctx context.Context, t *terminal) error {
	client, err := c.client(t)
	if err != nil {
		return err
	}
	server, err := mcp.New(mcp.Options{Function: client, NewID: newDelivery, Version: version.Read()})
	if err != nil {
		return err
	}
	if err := server.Check(ctx); err != nil {
		if unfit, ok := errors.AsType[*mcp.UnfitError](err); ok {
			return unset(unfit.Message, unfit.Hint)
		}
		return err
	}
	return server.Run(ctx, t.in, t.out)
}
