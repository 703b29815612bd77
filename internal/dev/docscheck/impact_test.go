package docscheck_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
)

// differs is a difference in a setting that has an effect on clients, if any has.
func differs(f change.Field) change.Difference {
	switch f.Kind() {
	case change.KindFlag:
		return change.Difference{Field: f, From: change.Flag(false), To: change.Flag(true)}
	case change.KindNumber:
		return change.Difference{Field: f, From: change.Number(1194), To: change.Number(1195)}
	case change.KindText:
		return change.Difference{Field: f, From: change.Text("a"), To: change.Text("b")}
	default:
		return change.Difference{Field: f}
	}
}

// word is the first word of a line of a client's file that a value does not follow.
func word(line string) string { return strings.Fields(line)[0] }

// TestImpactPagesAreTheCode compares the tables of the pages with the code: settings
// with their class and line, rules of findings, and what may not be known.
func TestImpactPagesAreTheCode(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"docs/impact.md", "docs/impact.zh-CN.md"} {
		text := read(t, page)
		cells := map[string][]string{}
		for _, row := range rows(text) {
			cells[strings.Trim(row[0], "`")] = row
		}
		for _, f := range change.Fields() {
			d := differs(f)
			row := cells[string(f)]
			if len(row) < 5 {
				t.Errorf("%s has no row for %s", page, f)
				continue
			}
			if want := "`" + string(impact.ClassOf([]change.Difference{d})) + "`"; row[1] != want {
				t.Errorf("%s: the class of %s is %s, want %s", page, f, row[1], want)
			}
			lines := d.ClientLines()
			if (len(lines) > 0) != strings.Contains(row[3], "`") {
				t.Errorf("%s: the line of %s is %q, and the code has %v", page, f, row[3], lines)
			}
			for _, l := range lines {
				if !strings.Contains(row[3], "`"+word(l.To)+"`") {
					t.Errorf("%s: %s needs %q, which is not in %q", page, f, l.To, row[3])
				}
			}
		}
		for _, prefix := range []string{"Rule", "What"} {
			for _, name := range gosource.Constants(t, "../../impact", prefix) {
				if len(cells[name]) != 3 {
					t.Errorf("%s does not explain %s", page, name)
				}
			}
		}
		for _, why := range []impact.Why{impact.NotPermitted, impact.TooLate, impact.Failed, impact.NotReported, impact.NotRead} {
			if len(cells[string(why)]) != 3 {
				t.Errorf("%s does not explain %s", page, why)
			}
		}
		classes := []impact.Class{impact.None, impact.Reconnects, impact.NewFile}
		for _, c := range classes {
			if !slices.ContainsFunc(rows(text), func(row []string) bool { return len(row) > 1 && strings.Contains(row[1], string(c)) }) {
				t.Errorf("%s has no setting of the class %s", page, c)
			}
		}
	}
}
