package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/demo"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

type demoCmd struct {
	Function string `type:"existingfile" help:"The function's binary; default: built from the module in this folder."`
	Verbose  bool   `help:"Also print the function's log."`
}

// Run starts a cloud for the demonstration, and stops it afterwards.
func (c *demoCmd) Run(ctx context.Context, t *terminal) (err error) {
	binary := c.Function
	if binary == "" {
		dir, err := os.MkdirTemp("", "sslvpn-demo-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }() // a build result
		if binary, err = buildFunction(ctx, t, dir); err != nil {
			return err
		}
	}
	if binary, err = filepath.Abs(binary); err != nil {
		return err
	}
	opts := localcloud.Options{Function: binary, Configuring: demo.Configuring, SweepEvery: -1}
	if c.Verbose {
		opts.Output = newLogPrinter(t.err).line
	}
	var lines tail
	opts.Output = lines.also(opts.Output)
	cloud, err := localcloud.Start(ctx, opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cloud.Close()) }()
	if err := demo.Run(ctx, cloud, t.out); err != nil {
		if !c.Verbose {
			lines.show(t)
		}
		return err
	}
	return nil
}
