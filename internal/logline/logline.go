package logline

import (
	"cmp"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Server are the attributes of a server: its name in the policy, or its id where name is
// "", its id, and its region.
func Server(t change.Target, name string) []slog.Attr {
	if name == "" {
		name = t.ServerID
	}
	return []slog.Attr{slog.String("server", name), slog.String("server_id", t.ServerID), slog.String("region", t.RegionID)}
}

// Asker are the attributes of who asked for a change: the person of the policy, or else the
// account, and the channel, which for chat is the platform.
func Asker(c change.Change) []slog.Attr {
	return []slog.Attr{slog.String("person", c.Asker()), slog.String("channel", cmp.Or(c.Account.Channel, string(c.Origin.Kind)))}
}

// Change adds to the attributes of a line about a change who asked, by which channel, and
// for what; name is that of its server, as in Server.
func Change(attrs []slog.Attr, c change.Change, name string) []slog.Attr {
	return slices.Concat(attrs, Asker(c), Server(c.Target, name), []slog.Attr{Settings(c.Patch)})
}

// maxNamed bounds how many changes, servers and regions one line names: a document has up
// to 1,000.
const maxNamed = 10

// Changes are the attributes of the changes of one document: those of Change, with several
// values joined by commas, at most ten of each.
func Changes(changes []change.Change, nameOf func(change.Target) string) []slog.Attr {
	if len(changes) == 0 {
		return nil
	}
	var ids, names, servers, regions []string
	all := change.Patch{}
	for _, c := range changes {
		ids, regions = add(ids, c.ID), add(regions, c.RegionID)
		server := Server(c.Target, nameOf(c.Target))
		names, servers = add(names, server[0].Value.String()), add(servers, c.ServerID)
		maps.Copy(all, c.Patch)
	}
	text := func(name string, values []string) slog.Attr { return slog.String(name, strings.Join(values, ",")) }
	return slices.Concat([]slog.Attr{text("change", ids)}, Asker(changes[0]),
		[]slog.Attr{text("server", names), text("server_id", servers), text("region", regions), Settings(all)})
}

// add appends a value that is not there yet, up to the bound.
func add(values []string, v string) []string {
	if len(values) == maxNamed || slices.Contains(values, v) {
		return values
	}
	return append(values, v)
}

// Settings names the settings of a change, without their values, in the order of the
// domain, joined by commas.
func Settings(p change.Patch) slog.Attr {
	fields := p.Fields()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = string(f)
	}
	return slog.String("settings", strings.Join(names, ","))
}

// Any turns attributes into arguments of a logger.
func Any(attrs []slog.Attr) []any {
	out := make([]any, len(attrs))
	for i, a := range attrs {
		out[i] = a
	}
	return out
}
