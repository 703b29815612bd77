package main

import (
	"github.com/alecthomas/kong"

	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
)

type helpCmd struct {
	Command string `arg:"" optional:"" complete:"commands" help:"Name of a command."`
}

// Run prints the help of a command, or of vpnctl.
func (c helpCmd) Run(k *kong.Context) error {
	var words, names []string
	for _, node := range k.Model.Children {
		if node.Name == c.Command {
			words = []string{c.Command}
		}
		names = append(names, node.Name)
	}
	if c.Command != "" && words == nil {
		if near := nearest.Word(c.Command, names); near != "" {
			return misused("there is no command %s; the nearest is %s", c.Command, near)
		}
		return misused("there is no command %s; vpnctl help lists them", c.Command)
	}
	of, err := kong.Trace(k.Kong, words)
	if err != nil {
		return err
	}
	return of.PrintUsage(false)
}
