package policy

import (
	"strings"
	"time"
)

// Zone is a time zone as a policy names it: an offset such as +08:00, or the name of
// a zone such as Asia/Shanghai. "" is none.
type Zone string

// Location loads the zone. Where the runtime does not know zones by name, and for no
// zone, it is the fallback.
func (z Zone) Location(fallback *time.Location) *time.Location {
	if loc, ok := z.load(); ok {
		return loc
	}
	if z.valid() && !zonesKnown() {
		for name, offset := range constantZones() {
			if string(z) == name {
				return time.FixedZone("", int(offset/time.Second))
			}
		}
	}
	return fallback
}

// load finds a zone that is an offset, or that the runtime knows.
func (z Zone) load() (*time.Location, bool) {
	if !z.valid() {
		return nil, false
	}
	if offset, err := time.Parse("Z07:00", string(z)); err == nil {
		_, seconds := offset.Zone()
		if seconds == 0 {
			return time.UTC, true
		}
		return time.FixedZone("", seconds), true
	}
	loc, err := time.LoadLocation(string(z))
	return loc, err == nil
}

// valid reports whether a text has the form of a zone. It keeps the text from being a
// path, and from being the machine's own zone.
func (z Zone) valid() bool {
	text := string(z)
	if z == "Z" || z == "UTC" {
		return true
	}
	if len(text) == len("+08:00") && (text[0] == '+' || text[0] == '-') {
		digit := func(i int, most byte) bool { return text[i] >= '0' && text[i] <= most }
		return digit(1, '1') && digit(2, '9') && text[3] == ':' && digit(4, '5') && digit(5, '9')
	}
	area, place, ok := strings.Cut(text, "/")
	letter := func(c rune) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }
	other := func(c rune) bool { return letter(c) || c >= '0' && c <= '9' || strings.ContainsRune("_+-", c) }
	if !ok || len(text) > maxZoneLength || strings.ContainsFunc(area, func(c rune) bool { return !letter(c) }) || area == "" {
		return false
	}
	for part := range strings.SplitSeq(place, "/") {
		if part == "" || strings.ContainsFunc(part, func(c rune) bool { return !other(c) }) {
			return false
		}
	}
	return true
}

// known reports whether the zone exists, as far as the runtime can say.
func (z Zone) known() bool {
	_, ok := z.load()
	return ok || z.valid() && !zonesKnown()
}

// zonesKnown reports whether the runtime knows zones by name: some have no table of
// zones, and this package does not bring one, because it is as large as all its code.
func zonesKnown() bool {
	_, err := time.LoadLocation("Asia/Shanghai")
	return err == nil
}

// constantZones lists zones whose offset does not change with the seasons, for
// runtimes without a table of zones.
func constantZones() map[string]time.Duration {
	return map[string]time.Duration{
		"Asia/Shanghai": 8 * time.Hour, "Asia/Hong_Kong": 8 * time.Hour, "Asia/Taipei": 8 * time.Hour, "Asia/Singapore": 8 * time.Hour,
		"Asia/Kuala_Lumpur": 8 * time.Hour, "Asia/Tokyo": 9 * time.Hour, "Asia/Seoul": 9 * time.Hour, "Asia/Jakarta": 7 * time.Hour, "Asia/Bangkok": 7 * time.Hour,
	}
}

// zone reads a time zone; "" for none, and for one that has a problem.
func (r *reader) zone(e entry) Zone {
	text, ok := r.text(e, keyTimeZone)
	if !ok {
		return ""
	}
	if z := Zone(text); z.known() {
		return z
	}
	r.at(e, keyTimeZone, RuleTimeZoneUnknown, shown(text)+" is not a time zone", "write an offset such as +08:00, or a name such as Asia/Shanghai")
	return ""
}
