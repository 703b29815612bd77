package main

import (
	"slices"

	"github.com/alecthomas/kong"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/completion"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: bash, zsh or fish."`
}

// Help says how the script is used.
func (completionCmd) Help() string {
	return "bash, in ~/.bashrc: source <(vpnctl completion bash)\n\nzsh, in ~/.zshrc after compinit: source <(vpnctl completion zsh)\n\n" +
		"fish, in ~/.config/fish/config.fish: vpnctl completion fish | source"
}

// Run prints the script.
//
//nolint:unparam // the signature is kong's
func (c completionCmd) Run(t *terminal) error {
	t.say("%s", completion.Script(c.Shell))
	return nil
}

// completeCmd is what the scripts call.
type completeCmd struct {
	Words []string `arg:"" optional:""`
}

// Run prints the words that can stand in the place of the last one.
//
//nolint:unparam // the signature is kong's
func (c completeCmd) Run(k *kong.Context, t *terminal) error {
	completion.Complete(k.Model, c.Words, candidates(k.Model)).Print(t.out)
	return nil
}

// candidates lists the values of the kinds in the tags "complete".
func candidates(app *kong.Application) func(kind, name string) []completion.Candidate {
	return func(kind, name string) []completion.Candidate {
		var out []completion.Candidate
		switch kind {
		case "commands":
			for _, node := range app.Children {
				if !node.Hidden {
					out = append(out, completion.Candidate{Word: node.Name, Help: node.Help})
				}
			}
		case "settings":
			for _, k := range command.Keys() {
				if slices.Contains(k.Verbs, command.Verb(name)) && k.Field != "" {
					out = append(out, completion.Candidate{Word: k.Name + "=", Help: string(k.Field)})
				}
			}
		}
		return out
	}
}
