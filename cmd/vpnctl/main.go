// Command vpnctl is the command line client. It validates change documents and
// policies, submits changes to a function, approves them, shows their state,
// and runs the whole system on this machine. The verbs are those of chat.
//
//	vpnctl validate changes.yaml
//	vpnctl validate policy/policy.yaml
//	vpnctl submit changes.yaml --secret-file secret
//	vpnctl plan office-hangzhou port=1195
//	vpnctl apply office-hangzhou port=1195 --reason "close 1194"
//	vpnctl status 20261122-7f3akqrcd2
//	vpnctl approve 20261122-7f3akqrcd2 k7m2q4xa
//	vpnctl rollback 20261122-7f3akqrcd2
//	vpnctl do "history office-hangzhou limit=5"
//	vpnctl local
//	vpnctl demo
//
// # Exit status
//
// 0: done (submit, apply and rollback: applied, unchanged, planned, or set again by a
// later change of the same document). 1: it failed or was refused. 2: the command line
// or the environment is invalid. 3: a change waits for approval. 4: a change has not
// ended yet.
//
// # Errors
//
// A command returns an error, which is printed once, in execute: a *commandError, an error
// of package remote, or any other. With --json it is {"error":{"code","message",
// "hint","problems"}} on standard output. A command that has printed its outcome
// returns outcome(exit).
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	t := &terminal{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, lookup: os.LookupEnv, environ: os.Environ,
		self:    self(os.Args[0]),
		columns: columnsOf(os.Stderr, os.LookupEnv),
		asks:    isTerminal(os.Stdin) && isTerminal(os.Stdout),
	}
	return execute(ctx, t, os.Args[1:])
}

// self is the command name for suggestions. The binary of "go run" no longer
// exists when a suggestion is used.
func self(arg string) string {
	if strings.Contains(filepath.ToSlash(arg), "/go-build") {
		return "go run ./cmd/vpnctl"
	}
	return arg
}
