package zone

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
)

// Known reports whether a name is that of a zone.
func Known(name string) bool { return ruleOf(name) != "" }

// Load gives the zone with a name; nil for a name that is not known.
func Load(name string) *time.Location {
	rule := ruleOf(name)
	if rule == "" {
		return nil
	}
	if name == "UTC" {
		return time.UTC
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	return ofTable(name, rule)
}

// Table gives the zone with a name by the table alone, so that it is the same on every
// machine; nil for a name that is not known. Its rule is the present one for all times.
func Table(name string) *time.Location {
	rule := ruleOf(name)
	if rule == "" {
		return nil
	}
	return ofTable(name, rule)
}

// Regular reports whether the table's rule of a known zone is its whole rule for the years
// ahead. In two zones the clocks are set back for Ramadan, which no rule can say. Gaza and
// Hebron do so, too, in the years in which Ramadan is in summer, the next time in 2036.
func Regular(name string) bool { return name != "Africa/Casablanca" && name != "Africa/El_Aaiun" }

// ofTable makes a zone that always has the present rule of the table.
func ofTable(name, rule string) *time.Location {
	loc, err := time.LoadLocationFromTZData(name, fileOf(rule))
	if err != nil {
		return nil
	}
	return loc
}

// ruleOf is the rule of a zone, in the notation of POSIX; "" for a name that is not
// known.
func ruleOf(name string) string {
	if name == "" || strings.ContainsAny(name, " \t\n") {
		return ""
	}
	for line := range strings.Lines(table) {
		rule, names, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for n := range strings.SplitSeq(names, " ") {
			if n == name {
				return rule
			}
		}
	}
	return ""
}

// fileOf is a file of the database (RFC 9636, version 2) without any transition: its
// last line has the rule for all times.
func fileOf(rule string) []byte {
	header := append([]byte("TZif2"), make([]byte, 15)...)
	for _, count := range []uint32{0, 0, 0, 0, 1, 1} { // one type of local time, one byte of its name
		header = binary.BigEndian.AppendUint32(header, count)
	}
	out := append(append(header, make([]byte, 7)...), header...) // version 1 has the same, and is not read
	out = append(out, make([]byte, 7)...)
	return append(out, "\n"+rule+"\n"...)
}

// Hint says what to write in place of a name that is not known.
func Hint(typed string) string {
	const iana = "write a name of the IANA database, such as Asia/Shanghai, Europe/Berlin or UTC"
	lower := strings.ToLower(strings.TrimSpace(typed))
	switch offset := strings.TrimPrefix(strings.TrimPrefix(lower, "utc"), "gmt"); {
	case lower == "beijing" || lower == "asia/beijing" || lower == "prc" || lower == "cst" || lower == "china standard time" || lower == "北京" || lower == "北京时间":
		return "write Asia/Shanghai"
	case strings.HasSuffix(lower, " time"):
		return "this is a name of Windows; " + iana
	case offset != "" && strings.Trim(offset, "+-0123456789:") == "":
		return "an offset does not say when the clocks change; " + iana
	}
	var names, cities []string
	for line := range strings.Lines(table) {
		_, all, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for name := range strings.SplitSeq(all, " ") {
			city := name[strings.LastIndex(name, "/")+1:]
			if strings.EqualFold(name, lower) || strings.EqualFold(city, strings.ReplaceAll(lower, " ", "_")) {
				return "write " + name
			}
			names, cities = append(names, name), append(cities, city)
		}
	}
	if near := nearest.Word(typed, names); near != "" {
		return "did you mean " + near + "?"
	}
	if near := nearest.Word(typed, cities); near != "" {
		for _, name := range names {
			if strings.HasSuffix(name, near) {
				return "did you mean " + name + "?"
			}
		}
	}
	return iana
}
