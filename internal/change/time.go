package change

import (
	"strings"
	"time"
)

// ParseTime reads a time of RFC 3339, which has seconds and a zone, as UTC.
func ParseTime(s string) (time.Time, bool) {
	t, ok := ParseLocal(s)
	return t.UTC(), ok
}

// ParseLocal reads a time of RFC 3339, and keeps its offset, so that answers can show
// times as their reader writes them. It is stricter than time.Parse, which also
// accepts a comma for the point, hours of one digit, and offsets of 24 hours or 60
// minutes.
func ParseLocal(s string) (time.Time, bool) {
	const form = "0000-00-00T00:00:00"
	if len(s) <= len(form) || !hasForm(s[:len(form)], form) {
		return time.Time{}, false
	}
	zone := s[len(form):]
	if fraction, ok := strings.CutPrefix(zone, "."); ok {
		zone = strings.TrimLeft(fraction, "0123456789")
		if n := len(fraction) - len(zone); n < 1 || n > 9 {
			return time.Time{}, false
		}
	}
	if zone != "Z" && (!hasForm(zone, "+00:00") && !hasForm(zone, "-00:00") || zone[1:3] > "23" || zone[4:] > "59") {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, false
	}
	// time.Parse may give the machine's zone, which has other offsets at other times.
	_, offset := t.Zone()
	if offset == 0 {
		return t.UTC(), true
	}
	return t.In(time.FixedZone("", offset)), true
}

// TimeWithoutZone reports whether a text is a date and a time, with nothing after it.
func TimeWithoutZone(s string) bool {
	for _, form := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if _, err := time.Parse(form, s); err == nil {
			return true
		}
	}
	return false
}

// TimeWithoutDate reports whether a text is a time of day, with or without a zone.
func TimeWithoutDate(s string) bool {
	for _, form := range []string{"15:04:05Z07:00", "15:04Z07:00", "15:04:05", "15:04"} {
		if _, err := time.Parse(form, s); err == nil {
			return true
		}
	}
	return false
}

// hasForm reports whether a text has a digit where the form has a 0, and is equal
// to it elsewhere.
func hasForm(s, form string) bool {
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		if form[i] == '0' && !isDigit(rune(s[i])) || form[i] != '0' && s[i] != form[i] {
			return false
		}
	}
	return true
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
func isLower(r rune) bool { return r >= 'a' && r <= 'z' }

// isWord reports whether a text has at least one character, and only those that
// are accepted.
func isWord(s string, accepted func(rune) bool) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !accepted(r) })
}
