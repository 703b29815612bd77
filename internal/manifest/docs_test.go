package manifest_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

// pageOf is a page about change files: the titles of its sections, and the types of
// values as it calls them.
type pageOf struct {
	file                                                 string
	documentRules, changeRules, documentKeys, changeKeys string
	refusedKeys                                          string
	types                                                map[change.Kind]string
}

func pages() []pageOf {
	return []pageOf{
		{
			"change-file.md", "Rules of documents", "Rules of changes", "Keys of a document", "Keys of a change", "Keys that are refused",
			map[change.Kind]string{change.KindText: "text", change.KindNumber: "whole number", change.KindFlag: "true or false"},
		},
		{
			"change-file.zh-CN.md", "文档的规则", "变更的规则", "文档的键", "变更的键", "不接受的键",
			map[change.Kind]string{change.KindText: "文本", change.KindNumber: "整数", change.KindFlag: "布尔值"},
		},
	}
}

func (p pageOf) read(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/" + p.file)
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

// rows reads the first two cells of each row of a table whose first is code.
func rows(text string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`|]+)` \\| ([^|]+) \\|").FindAllStringSubmatch(text, -1) {
		out[m[1]] = m[2]
	}
	return out
}

func TestPagesListEveryRule(t *testing.T) {
	t.Parallel()
	for _, page := range pages() {
		text := page.read(t)
		for heading, want := range map[string][]string{
			page.documentRules: append(gosource.Constants(t, "../document", "Rule"), gosource.Constants(t, ".", "Rule")...),
			page.changeRules:   gosource.Constants(t, "../change", "Rule"),
		} {
			got := slices.Sorted(maps.Keys(rows(section(t, text, heading))))
			if slices.Sort(want); !slices.Equal(got, want) {
				t.Errorf("%s, %s: the page has %q, the code %q", page.file, heading, got, want)
			}
		}
	}
}

func TestPagesListEveryKey(t *testing.T) {
	t.Parallel()
	for _, page := range pages() {
		text := page.read(t)
		for heading, want := range map[string][]string{
			page.documentKeys: append(manifest.HeaderKeys(), "changes"),
			page.changeKeys:   manifest.ChangeKeys(),
		} {
			got := slices.Sorted(maps.Keys(rows(section(t, text, heading))))
			if slices.Sort(want); !slices.Equal(got, want) {
				t.Errorf("%s, %s: the page has %q, the code %q", page.file, heading, got, want)
			}
		}
		table := rows(section(t, text, page.changeKeys))
		for _, f := range change.Fields() {
			if got, want := table[string(f)], page.types[f.Kind()]; got != want {
				t.Errorf("%s, %s: the page has the type %q, the code %q", page.file, f, got, want)
			}
		}
	}
}

func TestPagesNameTheKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, page := range pages() {
		keys := regexp.MustCompile("`([A-Za-z]+)`[,| ]").FindAllStringSubmatch(section(t, page.read(t), page.refusedKeys), -1)
		refused := 0
		for _, m := range keys {
			if m[1] == "changes" || m[1] == "dryRun" {
				continue
			}
			refused++
			_, problems := manifest.Parse([]byte(target+"Port: 1195\n"+m[1]+": x\n"), options(manifest.YAML))
			if len(problems) != 1 || problems[0].Rule != manifest.RuleRefusedParameter {
				t.Errorf("%s, %s: problems %v", page.file, m[1], problems)
			}
		}
		if refused != 25 {
			t.Errorf("%s names %d keys", page.file, refused)
		}
	}
}

func TestExamplesOfThePagesAreAccepted(t *testing.T) {
	t.Parallel()
	for _, page := range pages() {
		examples := regexp.MustCompile("(?ms)^```(yaml|json)\n(.*?)^```$").FindAllStringSubmatch(page.read(t), -1)
		if len(examples) != 3 {
			t.Errorf("%s has %d examples", page.file, len(examples))
		}
		for _, m := range examples {
			reqs, problems := manifest.Parse([]byte(m[2]), options(manifest.Format(m[1])))
			if len(problems) > 0 || len(reqs) == 0 {
				t.Errorf("%s\n%s\n%v", page.file, m[2], problems)
			}
		}
	}
}
