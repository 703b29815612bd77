package policy

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// Zone is a time zone as a policy names it: a name of the IANA database such as
// Asia/Shanghai, or UTC. "" is none.
type Zone string

// Location loads the zone; the fallback for none.
func (z Zone) Location(fallback *time.Location) *time.Location {
	if loc := zone.Load(string(z)); loc != nil {
		return loc
	}
	return fallback
}

// zone reads a time zone; "" for none, and for one that has a problem.
func (r *reader) zone(e entry) Zone {
	text, ok := r.text(e, keyTimeZone)
	if !ok || zone.Known(text) {
		return Zone(text)
	}
	r.at(e, keyTimeZone, RuleTimeZoneUnknown, shown(text)+" is not a time zone", zone.Hint(text))
	return ""
}
