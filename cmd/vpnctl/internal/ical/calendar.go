package ical

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Calendar is a file.
type Calendar struct {
	Name   string
	Lang   string    // of its texts, such as "en"; "" where it is not known
	Stamp  time.Time // when it was made
	Events []Event
}

// Event is one occurrence.
type Event struct {
	UID         string // the same in every file that has the event
	From, Until time.Time
	Summary     string
	Description string // may have several lines; "" for none
	Category    string // "" for none
	Busy        bool   // the time is shown as taken
}

// product names the program that made the file, in the form of ISO 9070.
const product = "-//sslvpn-change//vpnctl//EN"

// String is the file.
func (c Calendar) String() string {
	var w writer
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", product)
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	lang := ""
	if c.Lang != "" {
		lang = ";LANGUAGE=" + c.Lang
	}
	if c.Name != "" {
		w.line("NAME"+lang, escaped(c.Name)) // RFC 7986
		w.line("X-WR-CALNAME", escaped(c.Name))
	}
	for _, e := range c.Events {
		w.event(e, lang, c.Stamp)
	}
	w.line("END", "VCALENDAR")
	return w.out.String()
}

func (w *writer) event(e Event, lang string, stamp time.Time) {
	w.line("BEGIN", "VEVENT")
	w.line("UID", escaped(e.UID))
	w.line("DTSTAMP", instant(stamp))
	w.line("DTSTART", instant(e.From))
	w.line("DTEND", instant(e.Until))
	w.line("SUMMARY"+lang, escaped(e.Summary))
	if e.Description != "" {
		w.line("DESCRIPTION"+lang, escaped(e.Description))
	}
	if e.Category != "" {
		w.line("CATEGORIES"+lang, escaped(e.Category))
	}
	if e.Busy {
		w.line("TRANSP", "OPAQUE")
	} else {
		w.line("TRANSP", "TRANSPARENT")
	}
	w.line("END", "VEVENT")
}

// instant is a time in the format's UTC form, which has whole seconds.
func instant(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// escaped is a value of type TEXT.
func escaped(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD")
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsControl(r) && r != '\t':
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// maxOctets is how long a line may be, without its end.
const maxOctets = 75

type writer struct{ out strings.Builder }

// line writes a property, folded: a line that goes on begins with a blank, which counts.
func (w *writer) line(name, value string) {
	length := 0
	for _, r := range name + ":" + value {
		n := utf8.RuneLen(r)
		if length+n > maxOctets {
			w.out.WriteString("\r\n ")
			length = 1
		}
		w.out.WriteRune(r)
		length += n
	}
	w.out.WriteString("\r\n")
}
