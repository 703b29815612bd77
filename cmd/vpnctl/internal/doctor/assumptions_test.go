package doctor_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/doctor"
	account "github.com/sslvpn-change/sslvpn-change/internal/doctor"
)

const root = "../../../../"

// rows are the rows of a page's tables whose first cell is the name of a check.
func rows(t *testing.T, page string) (out [][]string) {
	t.Helper()
	data, err := os.ReadFile(root + page)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if name := strings.TrimSpace(cells[0]); strings.HasPrefix(name, "`") && len(cells) == 5 {
			cells[0] = strings.Trim(name, "`")
			out = append(out, cells)
		}
	}
	return out
}

func TestThePageHasEveryAssumption(t *testing.T) {
	t.Parallel()
	sentence := func(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }
	english := rows(t, "docs/assumptions.md")
	var chinese, names []string
	for _, row := range rows(t, "docs/assumptions.zh-CN.md") {
		chinese = append(chinese, row[0])
	}
	for i, a := range doctor.Catalogue() {
		names = append(names, a.Check)
		want := []string{a.Check, a.Statement, sentence(a.Rests), sentence(a.Do)}
		if i >= len(english) {
			t.Errorf("the page lacks %q", want)
			continue
		}
		if got := []string{english[i][0], english[i][1], english[i][2], strings.TrimSpace(english[i][4])}; !slices.Equal(got, want) {
			t.Errorf("the page has\n%q\nthe code\n%q", got, want)
		}
		if english[i][3] == "" {
			t.Errorf("the page does not say how %s was checked", a.Check)
		}
	}
	if len(english) != len(names) || !slices.Equal(chinese, names) {
		t.Errorf("%d rows in English; in Chinese\n%q\nthe code has\n%q", len(english), chinese, names)
	}
}

func TestTheFunctionHasTheChecksOfTheAccount(t *testing.T) {
	t.Parallel()
	var names []account.Check
	for _, a := range doctor.Catalogue() {
		if a.Where == doctor.Live {
			names = append(names, account.Check(a.Check))
		}
	}
	if !slices.Equal(names, account.Checks()) {
		t.Errorf("vpnctl has\n%q\nthe function\n%q", names, account.Checks())
	}
	data, err := os.ReadFile(root + "docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, name := range names {
		list = append(list, string(name))
	}
	if !strings.Contains(string(data), "enum: ["+strings.Join(list, ", ")+"]") {
		t.Errorf("docs/openapi.yaml does not list %s", strings.Join(list, ", "))
	}
}
