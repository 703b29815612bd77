package policy

import (
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// calendar has the windows and freezes of a server.
func (p *Policy) calendar(t change.Target) window.Calendar {
	var out window.Calendar
	for _, w := range p.windows {
		if p.covered(w.servers, t) {
			out.Windows = append(out.Windows, w.Window)
		}
	}
	for _, f := range p.freezes {
		if p.covered(f.servers, t) {
			out.Freezes = append(out.Freezes, f.Freeze)
		}
	}
	return out
}

// Gate decides whether a request may be sent at an instant, by the windows and freezes of
// its server. A freeze that the request overrides does not count, if the policy lets
// people override it; the votes are for the caller to count.
func (p *Policy) Gate(r change.Request, at time.Time) window.Verdict {
	return p.calendar(r.Target).Ask(window.Question{Settings: r.Patch.Fields(), Override: r.Override}, at)
}

// Openings lists when changes of settings of a server may be sent, and the freezes, between
// two instants; without settings, the openings of each window of the server. See
// [window.Calendar.Openings].
func (p *Policy) Openings(t change.Target, fields []change.Field, from, until time.Time) []window.Span {
	return p.calendar(t).Openings(fields, from, until)
}

// Outdated lists the windows that do not open within [window.Horizon] of an instant, apart
// from freezes, and the freezes that have ended. They are valid, and probably forgotten or
// dated wrongly.
func (p *Policy) Outdated(now time.Time) (windows, freezes []string) {
	for _, w := range p.windows {
		alone := window.Calendar{Windows: []window.Window{w.Window}}
		if v := alone.Ask(window.Question{Settings: w.Settings}, now); !v.Open && v.Opens.IsZero() {
			windows = append(windows, w.Name)
		}
	}
	for _, f := range p.freezes {
		if !f.Ends().After(now) {
			freezes = append(freezes, f.Name)
		}
	}
	return windows, freezes
}

// Freeze finds a freeze of a server by its name, in any case.
func (p *Policy) Freeze(t change.Target, name string) (window.Freeze, bool) {
	for _, f := range p.calendar(t).Freezes {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return window.Freeze{}, false
}
