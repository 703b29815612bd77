package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/folder"
)

// functionPackage is built if no binary is given.
const functionPackage = "github.com/sslvpn-change/sslvpn-change"

type localCmd struct {
	Dir         string        `default:".local" type:"path" aliases:"state" help:"Folder that keeps the bucket, the servers and the secret; also --state."`
	Fresh       bool          `help:"Remove the bucket and the servers of earlier runs first; the secret and the key stay."`
	Function    string        `type:"existingfile" help:"The function's binary; default: built from the module in this folder."`
	HTTP        int           `name:"http" default:"9000" help:"Port of the HTTP trigger; 0 selects a free port."`
	OSS         int           `name:"oss" default:"9001" help:"Port of OSS."`
	VPC         int           `name:"vpc" default:"9002" help:"Port of the VPC API."`
	Configuring time.Duration `default:"20s" help:"How long a change keeps a gateway busy."`
	SweepEvery  time.Duration `default:"1m" help:"Interval of the sweep's timer."`
	LogLevel    string        `default:"info" enum:"debug,info,warn,error" help:"LOG_LEVEL of the function: debug, info, warn or error."`
}

// Run starts the cloud, prints commands to try, and returns when ctx ends: by Ctrl-C or
// SIGTERM, with the exit status 0. A second Ctrl-C ends at once; the function's processes
// end with this one.
func (c *localCmd) Run(ctx context.Context, t *terminal) error {
	binary, err := c.binary(ctx, t)
	if err != nil && interrupted(ctx, err) {
		t.note("stopping")
		return nil
	}
	if err != nil {
		return err
	}
	printer := newLogPrinter(t.out)
	cloud, err := localcloud.Start(ctx, localcloud.Options{
		Function: binary, Dir: c.Dir, Keep: true, Fresh: c.Fresh,
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
		return notStarted(err)
	}
	t.say("%s", screen(t.self, cloud, c.Configuring))
	<-ctx.Done()
	t.note("stopping")
	return cloud.Close()
}

// interrupted reports whether a command failed because of Ctrl-C, which the terminal
// sends to it and to this process.
func interrupted(ctx context.Context, err error) bool {
	ended, ok := errors.AsType[*exec.ExitError](err)
	return ctx.Err() != nil || ok && ended.ExitCode() == -1 // by a signal
}

// notStarted adds the flag that is the way out.
func notStarted(err error) error {
	no := explain(err)
	if port, ok := errors.AsType[*localcloud.PortError](err); ok && port.Flag != "" {
		return no.advise(fmt.Sprintf("end what uses the port, such as another local cloud, or select another one: %s %d; %s 0 takes a free one", port.Flag, port.Port+100, port.Flag))
	}
	if errors.Is(err, folder.ErrInUse) {
		return no.advise("end the other one, or give this one a folder of its own: --state FOLDER")
	}
	if _, ok := errors.AsType[*folder.UnreadableError](err); ok {
		return no.advise("repair the file, or start anew with --fresh, which removes the bucket and the servers in the folder; --state FOLDER uses another folder")
	}
	return no
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
