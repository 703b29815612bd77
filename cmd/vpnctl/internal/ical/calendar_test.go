package ical_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/ical"
)

func at(hour int) time.Time {
	return time.Date(2026, 11, 28, hour, 0, 0, 0, time.FixedZone("", 8*3600))
}

func sample() ical.Calendar {
	return ical.Calendar{
		Name: "办公室, Hangzhou", Lang: "zh", Stamp: at(3),
		Events: []ical.Event{
			{UID: "a@x", From: at(22), Until: at(30), Summary: "维护窗口 nights：办公室", Description: "Port, Proto; \\ back\nsecond line", Category: "维护窗口"},
			{UID: "b@x", From: at(0), Until: at(12), Summary: "封网 double-eleven", Category: "封网", Busy: true},
		},
	}
}

// parsed reads a file with a library that shares no code with the writer.
func parsed(t *testing.T, text string) *ics.Calendar {
	t.Helper()
	for line := range strings.SplitAfterSeq(text, "\r\n") {
		if line == "" {
			continue
		}
		content, ended := strings.CutSuffix(line, "\r\n")
		if !ended || len(content) > 75 || !utf8.ValidString(content) || strings.ContainsAny(content, "\r\n") {
			t.Errorf("the line %q is not one of RFC 5545", line)
		}
	}
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return cal
}

func TestAnotherProgramReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	want := sample()
	text := want.String()
	got := parsed(t, text).Events()
	if len(got) != len(want.Events) {
		t.Fatalf("%d events in\n%s", len(got), text)
	}
	for i, e := range want.Events {
		from, err := got[i].GetStartAt()
		until, err2 := got[i].GetEndAt()
		if err != nil || err2 != nil || !from.Equal(e.From) || !until.Equal(e.Until) {
			t.Errorf("event %d is from %s until %s, %v, %v", i, from, until, err, err2)
		}
		stamp, err := got[i].GetDtStampTime()
		if err != nil || !stamp.Equal(want.Stamp) {
			t.Errorf("event %d was made at %s, %v", i, stamp, err)
		}
		for name, text := range map[ics.ComponentProperty]string{
			ics.ComponentPropertyUniqueId: e.UID, ics.ComponentPropertySummary: e.Summary, ics.ComponentPropertyDescription: e.Description, ics.ComponentPropertyCategories: e.Category,
		} {
			p := got[i].GetProperty(name)
			switch {
			case text == "":
				if p != nil {
					t.Errorf("event %d has an empty %s", i, name)
				}
			case p == nil || p.Value != text:
				t.Errorf("event %d: %s is %+v, want %q", i, name, p, text)
			}
		}
	}
	for _, line := range []string{"VERSION:2.0", "BEGIN:VCALENDAR", "METHOD:PUBLISH", "DTSTART:20261128T140000Z", "TRANSP:OPAQUE", "TRANSP:TRANSPARENT", "X-WR-CALNAME:办公室\\, Hangzhou"} {
		if !strings.Contains(text, line+"\r\n") {
			t.Errorf("there is no line %s in\n%s", line, text)
		}
	}
}

func TestEqualCalendarsAreEqualFiles(t *testing.T) {
	t.Parallel()
	if one, other := sample().String(), sample().String(); one != other {
		t.Error("two files of one calendar differ")
	}
}

// FuzzText checks that every text comes back as it was, and cannot add a property.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", `a,b;c\n\`, "two\nlines\r\nEND:VEVENT", strings.Repeat("维", 80), strings.Repeat("x", 74) + "é", "tab\there", "\x00\x1b[31m", "\xff\xfe", ":;=\"'", "\u2028", "\r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := ical.Calendar{Name: text, Stamp: at(1), Events: []ical.Event{{UID: "x", From: at(2), Until: at(3), Summary: text, Description: "1" + text}}}
		got := parsed(t, c.String())
		if len(got.Events()) != 1 {
			t.Fatalf("%d events", len(got.Events()))
		}
		p := got.Events()[0].GetProperty(ics.ComponentPropertyDescription)
		want := "1" + strings.Map(func(r rune) rune {
			if unicode.IsControl(r) && r != '\n' && r != '\t' {
				return -1
			}
			return r
		}, strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\uFFFD"))
		if p == nil || p.Value != want {
			t.Fatalf("%q came back as %+v", want, p)
		}
		if n := len(got.Events()[0].Properties); n != 7 {
			t.Fatalf("%d properties", n)
		}
	})
}
