package change

import (
	"strings"
	"time"
)

// ParseTime reads a time of RFC 3339, which has seconds and a zone, as UTC. It is
// stricter than time.Parse, which also accepts a comma for the point, hours of
// one digit, and offsets of 24 hours or 60 minutes.
func ParseTime(s string) (time.Time, bool) {
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
	return t.UTC(), err == nil
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
