package manifest_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/gosource"
	"sslvpnchange/internal/manifest"
)

func readPage(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/change-file.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// section is the text below a heading, up to the next.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("the page has no section %s", heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// types are the types of values as the page calls them.
func types() map[change.Kind]string {
	return map[change.Kind]string{change.KindText: "text", change.KindNumber: "whole number", change.KindFlag: "true or false"}
}

// rows reads the first two cells of each row of a table whose first is code.
func rows(text string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`|]+)` \\| ([^|]+) \\|").FindAllStringSubmatch(text, -1) {
		out[m[1]] = m[2]
	}
	return out
}

func TestPageListsEveryRule(t *testing.T) {
	t.Parallel()
	page := readPage(t)
	for heading, want := range map[string][]string{
		"Rules of documents": append(gosource.Constants(t, "../document", "Rule"), gosource.Constants(t, ".", "Rule")...),
		"Rules of changes":   gosource.Constants(t, "../change", "Rule"),
	} {
		got := slices.Sorted(maps.Keys(rows(section(t, page, heading))))
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s: the page has %q, the code %q", heading, got, want)
		}
	}
}

func TestPageListsEveryKey(t *testing.T) {
	t.Parallel()
	page := readPage(t)
	for heading, want := range map[string][]string{
		"Keys of a document": append(manifest.HeaderKeys(), "changes"),
		"Keys of a change":   manifest.ChangeKeys(),
	} {
		got := slices.Sorted(maps.Keys(rows(section(t, page, heading))))
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s: the page has %q, the code %q", heading, got, want)
		}
	}
	table := rows(section(t, page, "Keys of a change"))
	for _, f := range change.Fields() {
		if got, want := table[string(f)], types()[f.Kind()]; got != want {
			t.Errorf("%s: the page has the type %q, the code %q", f, got, want)
		}
	}
}

func TestPageNamesTheKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	keys := regexp.MustCompile("`([A-Za-z]+)`[,| ]").FindAllStringSubmatch(section(t, readPage(t), "Keys that are refused"), -1)
	refused := 0
	for _, m := range keys {
		if m[1] == "changes" || m[1] == "dryRun" {
			continue
		}
		refused++
		_, problems := manifest.Parse([]byte(target+"Port: 1195\n"+m[1]+": x\n"), options(manifest.YAML))
		if len(problems) != 1 || problems[0].Rule != manifest.RuleRefusedParameter {
			t.Errorf("%s: problems %v", m[1], problems)
		}
	}
	if refused != 25 {
		t.Errorf("the page names %d keys", refused)
	}
}

func TestExamplesOfThePageAreAccepted(t *testing.T) {
	t.Parallel()
	examples := regexp.MustCompile("(?ms)^```(yaml|json)\n(.*?)^```$").FindAllStringSubmatch(readPage(t), -1)
	if len(examples) != 3 {
		t.Errorf("%d examples", len(examples))
	}
	for _, m := range examples {
		reqs, problems := manifest.Parse([]byte(m[2]), options(manifest.Format(m[1])))
		if len(problems) > 0 || len(reqs) == 0 {
			t.Errorf("%s\n%v", m[2], problems)
		}
	}
}
