package observe_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/observe"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/slsquery"
)

const root = "../../../.."

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// columns are those of a query's result.
func columns(t *testing.T, s *observe.Spec, q named) []string {
	t.Helper()
	parsed, err := slsquery.Parse(q.query, indexOf(s))
	if err != nil {
		t.Fatalf("%s: %v", q.name, err)
	}
	return parsed.Columns()
}

// TestChartsShowColumnsOfTheirQueries also checks the size of the grid.
func TestChartsShowColumnsOfTheirQueries(t *testing.T) {
	t.Parallel()
	s := load(t)
	row := 0
	for _, c := range s.Dashboard.Charts {
		have := columns(t, s, named{c.Title.EN, c.Query})
		shown := slices.Concat(c.X, c.Y)
		if c.Type == "table" {
			shown = have
		}
		if !slices.Equal(shown, have) {
			t.Errorf("%s shows %v, its query has %v", c.Title.EN, shown, have)
		}
		if !slices.Contains([]string{"line", "column", "pie", "table"}, c.Type) || !regexp.MustCompile(`^-\d+[dh]$`).MatchString(c.Start) || c.Title.ZH == "" {
			t.Errorf("%s: %+v", c.Title.EN, c)
		}
		if row += c.Width; row > 10 {
			row = c.Width
		}
	}
	if row != 10 {
		t.Errorf("the last row is %d wide", row)
	}
}

// TestAlertRulesAreWhole compares the parts of a rule with each other, and with the runbooks.
func TestAlertRulesAreWhole(t *testing.T) {
	t.Parallel()
	s := load(t)
	page := read(t, "docs/operating.md")
	for _, a := range s.Alerts {
		have := columns(t, s, named{a.Name, a.Query})
		if c, _, _ := strings.Cut(a.Condition, " "); !slices.Contains(have, c) {
			t.Errorf("%s: the condition %q is not on one of %v", a.Name, a.Condition, have)
		}
		for _, text := range []string{a.Says.EN, a.Says.ZH} {
			for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(text, -1) {
				if !slices.Contains(have, m[1]) {
					t.Errorf("%s says %s, and the columns are %v", a.Name, m[0], have)
				}
			}
		}
		heading := false
		for line := range strings.Lines(page) {
			title, ok := strings.CutPrefix(line, "## ")
			heading = heading || ok && anchor(title) == a.Runbook
		}
		if !heading {
			t.Errorf("%s: docs/operating.md has no section %s", a.Name, a.Runbook)
		}
		if n := utf8.RuneCountInString(a.Title.Both()); n > 64 {
			t.Errorf("%s: the title has %d characters, more than 64", a.Name, n)
		}
		if !slices.Contains([]int{2, 4, 6, 8, 10}, a.Severity) {
			t.Errorf("%s: severity %d", a.Name, a.Severity)
		}
	}
}

// anchor is the address of a heading on GitHub.
func anchor(title string) string {
	return strings.ReplaceAll(regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-")
}

// TestNamesAreUnique also holds the index to what SLS takes: a hundred keys of a JSON field.
func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	s := load(t)
	var names []string
	for _, d := range s.Documents(target()) {
		names = append(names, d.Name)
	}
	fields := slices.Concat(s.Index.Text, s.Index.Long)
	for _, list := range [][]string{names, fields} {
		slices.Sort(list)
		if len(slices.Compact(slices.Clone(list))) != len(list) {
			t.Errorf("a name is there twice: %v", list)
		}
	}
	if len(fields) > 100 {
		t.Errorf("%d fields in message", len(fields))
	}
}

// TestTheTemplateHasTheResources compares template.yml with what is installed otherwise.
func TestTheTemplateHasTheResources(t *testing.T) {
	t.Parallel()
	is := read(t, "template.yml")
	want, err := load(t).Insert(is)
	if err != nil {
		t.Fatal(err)
	}
	if is != want {
		t.Error("template.yml differs from observe.yaml: run make observe")
	}
	if len(want) > 450<<10 {
		t.Errorf("the template has %d bytes; a stack takes 512 KiB", len(want))
	}
}

// TestMessagesAndAttributesAreInTheCode looks for each message that a query searches, and
// each field of the index, among the constants of the function's source.
func TestMessagesAndAttributesAreInTheCode(t *testing.T) {
	t.Parallel()
	s := load(t)
	texts := constants(t, "main.go", "handler", "internal")
	for _, q := range queries(s) {
		parsed, err := slsquery.Parse(q.query, indexOf(s))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range parsed.Searched {
			if c.Field == "msg" && !texts[c.Value] {
				t.Errorf("%s searches the message %q, which no code writes", q.name, c.Value)
			}
		}
	}
	for _, f := range slices.Concat(s.Index.Text, s.Index.Long) {
		if !texts[f] && !strings.HasPrefix(f, "waiting_") && f != "level" && f != "msg" { // the causes are held by the queries' test
			t.Errorf("the index has %s, which no code writes", f)
		}
	}
}

// constants are the texts in the code below paths, without tests and tools.
func constants(t *testing.T, paths ...string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, p := range paths {
		err := filepath.WalkDir(filepath.Join(root, p), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "dev":
				return filepath.SkipDir
			case d.IsDir(), !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"):
				return nil
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
					if text, err := strconv.Unquote(l.Value); err == nil {
						out[text] = true
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestThePagesListWhatIsInstalled compares the tables of docs/observe.md with the saved
// searches and the alert rules.
func TestThePagesListWhatIsInstalled(t *testing.T) {
	t.Parallel()
	var want []string
	for _, d := range load(t).Documents(target()) {
		if d.Kind == observe.KindSearch || d.Kind == observe.KindAlert {
			want = append(want, d.Name)
		}
	}
	for _, page := range []string{"docs/observe.md", "docs/observe.zh-CN.md"} {
		var got []string
		for _, m := range regexp.MustCompile("(?m)^\\| `(sslvpn-[a-z-]+)` \\|").FindAllStringSubmatch(read(t, page), -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s lists\n%v\nwant\n%v", page, got, want)
		}
	}
}
