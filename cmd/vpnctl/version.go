package main

import "runtime/debug"

// version is set by the linker in a release: -ldflags "-X main.version=v1.2.3".
var version string

// build is what was built.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go,omitempty"`
}

// built reads the version: the linker's, else that of the build information, which has
// the tag or a pseudo-version.
func built() build {
	b := build{Version: version}
	info, ok := debug.ReadBuildInfo()
	if ok {
		b.Go = info.GoVersion
		if b.Version == "" {
			b.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Commit = s.Value
			}
		}
	}
	if b.Version == "" {
		b.Version = "unknown"
	}
	return b
}

// String is the line that version prints.
func (b build) String() string {
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
		return printJSON(t, built())
	}
	t.say("%s", built())
	return nil
}
