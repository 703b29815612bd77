package impact

import (
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Line is a line of a client's configuration file before and after a change.
type Line struct {
	Setting change.Field `json:"setting"`
	Old     string       `json:"old,omitempty"` // "" where the file has no such line, or it is not known
	New     string       `json:"new"`
	// Alternative is set for the way in which other files than the vendor's write the
	// line before.
	Alternative bool `json:"alternative,omitempty"`
}

// unknownHost stands in the lines of package change for where clients connect.
const unknownHost = "…"

// Lines are the lines that people have to change. The host is where clients connect;
// "" where it is not known.
func Lines(diffs []change.Difference, host string) []Line {
	var out []Line
	for _, d := range diffs {
		for i, l := range d.ClientLines() {
			out = append(out, Line{Setting: d.Field, Old: withHost(l.From, host), New: withHost(l.To, host), Alternative: i > 0})
		}
	}
	return out
}

func withHost(line, host string) string {
	if host == "" {
		return line
	}
	return strings.Replace(line, unknownHost, host, 1)
}

// ahead are the lines that work before and after a change. A file that must change in a
// line for which there is no such form cannot be handed out first.
func ahead(in Input) []string {
	has := func(f change.Field) bool {
		return slices.ContainsFunc(in.Changed, func(d change.Difference) bool { return d.Field == f && len(d.ClientLines()) > 0 })
	}
	if has(change.Compress) {
		return nil
	}
	var out []string
	if has(change.Port) || has(change.Proto) {
		old, ok := remote(in.Before, in.Host)
		next, ok2 := remote(in.After, in.Host)
		if !ok || !ok2 {
			return nil
		}
		out = append(out, old, next)
	}
	if has(change.EnableMultiFactorAuth) {
		out = append(out, "auth-user-pass")
	}
	return out
}

// remote is the line with which a client connects to a server, whatever its line
// "proto" says.
func remote(s change.Settings, host string) (line string, ok bool) {
	port, proto := s[change.Port], strings.ToLower(s[change.Proto].String())
	if port.IsZero() || proto == "" {
		return "", false
	}
	if proto == "tcp" {
		proto = "tcp-client"
	}
	return withHost("remote "+unknownHost+" "+port.String()+" "+proto, host), true
}
