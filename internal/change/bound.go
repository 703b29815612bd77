package change

import (
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// Bound is a moment: a time, or how long ago. The zero Bound is none.
type Bound struct {
	At  time.Time
	Ago time.Duration // whole minutes
}

// Time is the moment; zero for none.
func (b Bound) Time(now time.Time) time.Time {
	if b.Ago > 0 {
		return now.Add(-b.Ago).UTC()
	}
	return b.At
}

// String renders a bound as ParseBound reads it; "" for none.
func (b Bound) String() string {
	switch {
	case b.Ago >= day && b.Ago%day == 0:
		return strconv.Itoa(int(b.Ago/day)) + "d"
	case b.Ago >= time.Hour && b.Ago%time.Hour == 0:
		return strconv.Itoa(int(b.Ago/time.Hour)) + "h"
	case b.Ago > 0:
		return strconv.Itoa(int(b.Ago/time.Minute)) + "m"
	case b.At.IsZero():
		return ""
	default:
		return b.At.Format(time.RFC3339Nano)
	}
}

// ParseBound reads a moment: a time in RFC 3339, or how long ago it is, in whole minutes,
// hours, days or weeks: "30m", "24h", "7d", "2w".
func ParseBound(s string) (Bound, bool) {
	if t, ok := ParseLocal(strings.ToUpper(s)); ok {
		return Bound{At: t}, true
	}
	if s == "" {
		return Bound{}, false
	}
	unit, ok := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': day, 'w': 7 * day}[s[len(s)-1]|0x20]
	digits := s[:len(s)-1]
	n, err := strconv.Atoi(digits)
	const longest = 100 * 366 * day
	if !ok || err != nil || n < 1 || len(digits) > 7 || strings.Trim(digits, "0123456789") != "" || time.Duration(n) > longest/unit {
		return Bound{}, false
	}
	return Bound{Ago: time.Duration(n) * unit}, true
}
