package version

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"
)

// Devel is the version of a program that was built without one.
const Devel = "devel"

// version is set by the linker, to a version, "@" and a commit:
// -ldflags "-X github.com/sslvpn-change/sslvpn-change/internal/version.version=v0.1.0@fd60090…".
var version string

// Build is what a program was built from.
type Build struct {
	Version string `json:"version"`          // "v0.1.0", a pseudo-version, or "devel"
	Commit  string `json:"commit,omitempty"` // 40 hexadecimal digits; "" where it is not known
	Go      string `json:"go"`               // "go1.26.8"
}

// Read is the version of this program.
func Read() string { return Current().Version }

// Current is what this program was built from.
func Current() Build {
	info, _ := debug.ReadBuildInfo()
	return build(version, info)
}

// build reads the stamp of the linker, and else the build information; nil for none.
func build(stamp string, info *debug.BuildInfo) Build {
	b := Build{Go: runtime.Version()}
	b.Version, b.Commit, _ = strings.Cut(stamp, "@")
	if info != nil && b.Version == "" {
		b.Version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Commit = s.Value
			}
		}
	}
	if b.Version == "(devel)" {
		b.Version = Devel
	}
	b.Version = cmp.Or(b.Version, Devel)
	return b
}
