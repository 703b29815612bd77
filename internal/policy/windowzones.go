package policy

import (
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// WindowZones lists the time zones in which the windows for settings of a server are
// written, each once, in the policy's order.
func (p *Policy) WindowZones(t change.Target, fields []change.Field) []string {
	var out []string
	for _, w := range p.calendar(t).Windows {
		applies := slices.ContainsFunc(w.Settings, func(f change.Field) bool { return slices.Contains(fields, f) })
		if name := w.Zone.String(); applies && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
