package main

import "github.com/sslvpn-change/sslvpn-change/internal/version"

// versionLine is the line that version prints: the version, and the commit if it is known.
func versionLine(b version.Build) string {
	line := "vpnctl " + b.Version
	if b.Commit != "" {
		line += " " + b.Commit
	}
	return line
}

type versionCmd struct {
	JSON bool `name:"json" help:"Print the version as JSON."`
}

// Run prints the version and the commit that it was built from.
func (c versionCmd) Run(t *terminal) error {
	if c.JSON {
		return printJSON(t, version.Current())
	}
	t.say("%s", versionLine(version.Current()))
	return nil
}
