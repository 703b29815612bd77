package docscheck_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// commandPage is a page about commands, with the titles of its sections.
type commandPage struct {
	file, verbs, keys, refusals string
	tag                         lang.Tag
}

func commandPages() []commandPage {
	return []commandPage{
		{"docs/commands.md", "Verbs", "Keys", "Refusals", lang.English},
		{"docs/commands.zh-CN.md", "动词", "键", "拒绝的原因", lang.Chinese},
	}
}

// coded renders words as a cell of a table.
func coded[T ~string](words []T) string {
	var out []string
	for _, w := range words {
		out = append(out, "`"+string(w)+"`")
	}
	return strings.Join(out, ", ")
}

func TestCommandPagesListEveryVerb(t *testing.T) {
	t.Parallel()
	for _, page := range commandPages() {
		var got, want [][]string
		for _, r := range rows(section(t, read(t, page.file), page.verbs)) {
			got = append(got, []string{r[0], r[1], r[3]})
		}
		for _, v := range command.Verbs() {
			want = append(want, []string{"`" + string(v) + "`", coded(v.Words()[1:]), command.Usage(v, page.tag).Says})
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s has\n%q\nthe code\n%q", page.file, got, want)
		}
	}
}

func TestCommandPagesListEveryKey(t *testing.T) {
	t.Parallel()
	for _, page := range commandPages() {
		var got, want [][]string
		for _, r := range rows(section(t, read(t, page.file), page.keys)) {
			if len(r) == 4 { // an option, with its verbs
				got = append(got, r[:3])
				continue
			}
			got = append(got, []string{r[0], r[1], coded([]command.Verb{command.Plan, command.Apply})})
		}
		for _, k := range command.Keys() {
			want = append(want, []string{"`" + k.Name + "`", coded(k.Words), coded(k.Verbs)})
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s has\n%q\nthe code\n%q", page.file, got, want)
		}
	}
}

func TestCommandPagesExplainEveryRefusal(t *testing.T) {
	t.Parallel()
	for _, page := range commandPages() {
		var got, want []string
		for _, r := range rows(section(t, read(t, page.file), page.refusals)) {
			got = append(got, r[0])
		}
		for _, r := range gosource.Constants(t, root+"/internal/command", "Rule") {
			want = append(want, "`"+r+"`")
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has\n%q\nthe code\n%q", page.file, got, want)
		}
	}
}

func TestExamplesOfCommandPagesAreValid(t *testing.T) {
	t.Parallel()
	for _, page := range commandPages() {
		seen := map[command.Verb]bool{}
		for _, block := range regexp.MustCompile("(?ms)^```text\n(.*?)^```$").FindAllStringSubmatch(read(t, page.file), -1) {
			for line := range strings.Lines(block[1]) {
				c, err := command.Parse(line)
				if err != nil {
					t.Errorf("%s: %s: %v", page.file, line, err)
				}
				seen[c.Verb] = true
			}
		}
		for _, v := range command.Verbs() {
			if !seen[v] {
				t.Errorf("%s has no example of %s", page.file, v)
			}
		}
	}
}
