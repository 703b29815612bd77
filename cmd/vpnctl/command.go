package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	lookup   func(string) (string, bool) // the environment
	self     string                      // the name of this command, for suggestions
	live     bool                        // err is a terminal: a line may be overwritten
}

// commands is the command line.
type commands struct {
	Validate validateCmd `cmd:"" help:"Check change documents and policies without sending them."`
	Submit   submitCmd   `cmd:"" help:"Submit changes to a function and wait for their outcome."`
	Plan     planCmd     `cmd:"" help:"Show the effect of settings on a server, without changing it."`
	Apply    applyCmd    `cmd:"" help:"Request a change of a server's settings and wait for its outcome."`
	Status   statusCmd   `cmd:"" help:"Show the state of a change or a server, or list queued changes."`
	Servers  serversCmd  `cmd:"" help:"List the servers that the sender may see."`
	History  historyCmd  `cmd:"" help:"List the last changes of a server."`
	Rollback rollbackCmd `cmd:"" help:"Undo a change with a new one, and wait for its outcome."`
	Approve  approveCmd  `cmd:"" help:"Approve another person's pending change."`
	Reject   rejectCmd   `cmd:"" help:"Reject a change that waits for approval."`
	Cancel   cancelCmd   `cmd:"" help:"Cancel a change that has not taken effect."`
	Confirm  confirmCmd  `cmd:"" help:"Confirm an applied change, so that it is not undone, or give more time to confirm it."`
	Do       doCmd       `cmd:"" help:"Send one command as typed in chat."`
	Local    localCmd    `cmd:"" help:"Run the function and a local cloud on this machine."`
	Demo     demoCmd     `cmd:"" help:"Apply a few changes in a local cloud, check the outcome, and exit."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// The exit statuses.
const (
	exitDone  = 0
	exitNot   = 1
	exitUsage = 2
)

// errShown is returned by a command that has already printed the problem.
var errShown = errors.New("already shown")

// execute runs one command line and returns the exit status.
func execute(ctx context.Context, t *terminal, args []string) int {
	var cmds commands
	ended := -1
	parser, err := kong.New(&cmds,
		kong.Name("vpnctl"), kong.Description("Changes the settings of SSL-VPN servers safely."),
		kong.Writers(t.out, t.err), kong.UsageOnError(),
		kong.Exit(func(code int) { ended = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(t),
	)
	if err != nil {
		_, _ = fmt.Fprintln(t.err, "vpnctl:", err)
		return exitUsage
	}
	line, err := parser.Parse(args)
	switch {
	case ended >= 0: // --help was shown
		return ended
	case err != nil:
		_, _ = fmt.Fprintf(t.err, "vpnctl: %v; see vpnctl --help\n", err)
		return exitUsage
	}
	switch err := line.Run(); {
	case err == nil:
		return exitDone
	case !errors.Is(err, errShown):
		_, _ = fmt.Fprintln(t.err, visible("vpnctl: "+err.Error()))
	}
	return exitNot
}

// say writes to standard output. A closed pipe is the reader's choice.
func (t *terminal) say(format string, args ...any) {
	_, _ = fmt.Fprintln(t.out, visible(fmt.Sprintf(format, args...)))
}

// note writes to standard error, beside the result.
func (t *terminal) note(format string, args ...any) {
	_, _ = fmt.Fprintln(t.err, visible(fmt.Sprintf(format, args...)))
}

type versionCmd struct{}

// Run prints the module's version and the commit that it was built from.
//
//nolint:unparam // the signature is kong's
func (versionCmd) Run(t *terminal) error {
	version, commit := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = " " + s.Value
			}
		}
	}
	t.say("vpnctl %s%s", version, commit)
	return nil
}
