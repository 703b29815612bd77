package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"github.com/sslvpn-change/sslvpn-change/internal/version"
)

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	lookup   func(string) (string, bool) // the environment
	environ  func() []string             // the same, for commands that vpnctl runs; nil for none
	self     string                      // the name of this command, for suggestions
	columns  func() int                  // of the terminal that err is; nil if it is not one
	asks     bool                        // in and out are a terminal: somebody can be asked
	json     bool                        // the command line asks for JSON
}

// description is the first part of the help.
const description = "Changes the settings of SSL-VPN servers safely. Exit status: 0 done, 1 failed or refused, " +
	"2 the command line or the environment is invalid, 3 a change waits for approval, 4 a change has not ended yet."

// commands is the command line. A command is a struct with a method Run, in a file of
// its own, and a field here.
type commands struct {
	Validate validateCmd `cmd:"" group:"Changes:" help:"Check change documents and policies without sending them."`
	Submit   submitCmd   `cmd:"" group:"Changes:" help:"Submit changes to a function and wait for their outcome."`
	Plan     planCmd     `cmd:"" group:"Changes:" help:"Show the effect of settings on a server, without changing it."`
	Apply    applyCmd    `cmd:"" group:"Changes:" help:"Request a change of a server's settings and wait for its outcome."`
	Status   statusCmd   `cmd:"" group:"Changes:" help:"Show the state of a change or a server, or list queued changes."`
	Servers  serversCmd  `cmd:"" group:"Changes:" help:"List the servers that the sender may see."`
	History  historyCmd  `cmd:"" group:"Changes:" help:"List the last changes of a server."`
	Windows  windowsCmd  `cmd:"" group:"Changes:" help:"Show when changes of servers may be sent, or write a calendar file of it."`
	List     listCmd     `cmd:"" group:"Changes:" help:"List the changes that wait and those that ended."`
	Rollback rollbackCmd `cmd:"" group:"Changes:" help:"Undo a change with a new one, and wait for its outcome."`
	Approve  approveCmd  `cmd:"" group:"Changes:" help:"Approve another person's pending change."`
	Reject   rejectCmd   `cmd:"" group:"Changes:" help:"Reject a change that waits for approval."`
	Cancel   cancelCmd   `cmd:"" group:"Changes:" help:"Cancel a change that has not taken effect."`
	Confirm  confirmCmd  `cmd:"" group:"Changes:" help:"Confirm an applied change, so that it is not undone, or give more time to confirm it."`
	Do       doCmd       `cmd:"" group:"Changes:" help:"Send one command as typed in chat."`
	Receipts receiptsCmd `cmd:"" group:"Operation:" help:"Show what became of the uploads of a change file."`
	Policy   policyCmd   `cmd:"" group:"Operation:" help:"Read, check and put the policy, for its editors."`
	Reindex  reindexCmd  `cmd:"" group:"Operation:" help:"Rebuild the index of the list from the records."`
	Doctor   doctorCmd   `cmd:"" group:"Operation:" help:"Check the settings, the deploy files, and with --live the account: what the product rests on."`
	UI       uiCmd       `cmd:"" group:"Changes:" name:"ui" help:"Show what waits and what happened as a page in the browser, and give approvals there."`
	Observe  observeCmd  `cmd:"" group:"Operation:" help:"Install what operators search, see and are told: index, saved searches, dashboard, alert rules."`
	MCP      mcpCmd      `cmd:"" group:"Changes:" name:"mcp" help:"Serve an AI assistant by the Model Context Protocol: it looks, plans and proposes; people approve."`
	Local    localCmd    `cmd:"" group:"On this machine:" help:"Run the function and a local cloud on this machine."`
	Demo     demoCmd     `cmd:"" group:"On this machine:" help:"Apply a few changes in a local cloud, check the outcome, and exit."`

	Init          initCmd          `cmd:"" group:"Deployment:" help:"Create the settings of a deployment, with fresh secrets."`
	Deploy        deployCmd        `cmd:"" group:"Deployment:" help:"Run a command that deploys with the settings, unless it would lose something."`
	DeployCheck   deployCheckCmd   `cmd:"" group:"Deployment:" help:"Check the settings, and compare them with what is deployed."`
	RosParameters rosParametersCmd `cmd:"" group:"Deployment:" help:"Write the parameters of a ROS stack from the settings."`
	Rotate        rotateCmd        `cmd:"" group:"Deployment:" help:"Change the secret of a sender in the settings, without an interruption."`
	SecretFile    secretFileCmd    `cmd:"" group:"Deployment:" help:"Write the secret of one sender to a file, for its client."`

	Help helpCmd `cmd:"" help:"Show the help of a command."`

	Completion completionCmd `cmd:"" help:"Print a script that completes vpnctl's command lines in bash, zsh or fish."`
	Complete   completeCmd   `cmd:"" name:"__complete" hidden:""`

	Version versionCmd `cmd:"" help:"Print the version."`

	VersionFlag kong.VersionFlag `name:"version" help:"Print the version."`
}

// parser reads the command line into cmds. Exit is called after help and the version.
func (t *terminal) parser(ctx context.Context, cmds *commands, exit func(int)) (*kong.Kong, error) {
	return kong.New(cmds,
		kong.Name("vpnctl"), kong.Description(description),
		kong.Writers(t.out, t.err), kong.Exit(exit),
		kong.Vars{"version": versionLine(version.Current())},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.ValueFormatter(withVariable),
		kong.Resolvers(t.variables()),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(t),
	)
}

// execute runs one command line and returns the exit status.
func execute(ctx context.Context, t *terminal, args []string) int {
	var cmds commands
	ended := -1
	t.json = wantsJSON(args)
	parser, err := t.parser(ctx, &cmds, func(code int) { ended = code })
	if err != nil {
		return t.fail(err)
	}
	line, err := parser.Parse(args)
	switch {
	case ended >= 0: // help or the version was shown
		return ended
	case err != nil:
		return t.fail(err)
	}
	return t.fail(line.Run())
}

// fail prints an error that is not printed yet, and returns the exit status.
func (t *terminal) fail(err error) int {
	if _, printed := errors.AsType[outcomeError](err); err != nil && !printed {
		explain(err).report(t)
	}
	return exitOf(err)
}

// wantsJSON reports whether a command line asks for JSON. It must be known even where
// the line cannot be parsed.
func wantsJSON(args []string) bool {
	for _, arg := range args {
		switch arg {
		case "--json", "--json=true":
			return true
		case "--":
			return false
		}
	}
	return false
}

// say writes to standard output. A closed pipe is the reader's choice.
func (t *terminal) say(format string, args ...any) {
	_, _ = fmt.Fprintln(t.out, visible(fmt.Sprintf(format, args...)))
}

// note writes to standard error, beside the result.
func (t *terminal) note(format string, args ...any) {
	_, _ = fmt.Fprintln(t.err, visible(fmt.Sprintf(format, args...)))
}
