package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

// functionPackage is built if no binary is given.
const functionPackage = "github.com/sslvpn-change/sslvpn-change"

type localCmd struct {
	Dir         string        `default:".local" type:"path" help:"Folder for the bucket and the secret; it is kept."`
	Function    string        `type:"existingfile" help:"The function's binary; default: built from the module in this folder."`
	HTTP        int           `name:"http" default:"9000" help:"Port of the HTTP trigger; 0 selects a free port."`
	OSS         int           `name:"oss" default:"9001" help:"Port of OSS."`
	VPC         int           `name:"vpc" default:"9002" help:"Port of the VPC API."`
	Configuring time.Duration `default:"20s" help:"How long a change keeps a gateway busy."`
	SweepEvery  time.Duration `default:"1m" help:"Interval of the sweep's timer."`
	LogLevel    string        `default:"info" enum:"debug,info,warn,error" help:"LOG_LEVEL of the function: debug, info, warn or error."`
}

// Run starts the cloud, prints commands to try, and returns when ctx ends.
func (c *localCmd) Run(ctx context.Context, t *terminal) error {
	binary, err := c.binary(ctx, t)
	if err != nil {
		return err
	}
	printer := newLogPrinter(t.out)
	cloud, err := localcloud.Start(ctx, localcloud.Options{
		Function: binary, Dir: c.Dir,
		HTTPPort: c.HTTP, OSSPort: c.OSS, VPCPort: c.VPC,
		Policy:      localcloud.Policy(),
		Page:        localPage,
		People:      true,
		Configuring: c.Configuring, SweepEvery: c.SweepEvery,
		Env:    []string{"LOG_LEVEL=" + c.LogLevel},
		Logger: slog.New(slog.NewJSONHandler(printer, &slog.HandlerOptions{Level: slog.LevelInfo})),
		Output: printer.line,
	})
	if err != nil {
		return err
	}
	t.say("%s", screen(t.self, cloud, c.Configuring))
	<-ctx.Done()
	t.note("stopping")
	return cloud.Close()
}

func (c *localCmd) binary(ctx context.Context, t *terminal) (string, error) {
	if c.Function != "" {
		return filepath.Abs(c.Function)
	}
	return buildFunction(ctx, t, c.Dir)
}

// buildFunction compiles the function into the folder.
func buildFunction(ctx context.Context, t *terminal, dir string) (string, error) {
	out, err := filepath.Abs(filepath.Join(dir, "function"))
	if err != nil {
		return "", err
	}
	t.note("building the function")
	if err := localcloud.Build(ctx, functionPackage, out); err != nil {
		return "", errors.Join(err, errors.New("run vpnctl in the project's folder, or give a binary with --function"))
	}
	return out, nil
}
