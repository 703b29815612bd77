package docscheck_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// concept is a row of the table of Chinese words.
type concept struct {
	english, chinese string
	not              []string
}

func chineseWords(t *testing.T) []concept {
	t.Helper()
	_, page, ok := strings.Cut(read(t, "docs/architecture.md"), "## Words in Chinese\n")
	if !ok {
		t.Fatal("docs/architecture.md has no table of Chinese words")
	}
	page, _, _ = strings.Cut(page, "\n## ")
	var out []concept
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) == 3 && strings.ContainsFunc(cells[1], func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			out = append(out, concept{strings.TrimPrefix(cells[0], "| "), cells[1], strings.Split(strings.TrimSuffix(cells[2], " |"), ", ")})
		}
	}
	if len(out) < 15 {
		t.Fatalf("only %d words", len(out))
	}
	return out
}

// shownTexts are the texts in the code that people may see, by their place. What
// commands accept is not among them.
func shownTexts(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	files, err := filepath.Glob(filepath.Join(root, "internal/*/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(root, "internal/chat/*/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, more...) {
		if base := filepath.Base(file); strings.HasSuffix(base, "_test.go") || base == "verbs.go" || base == "keys.go" || base == "clock.go" {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
					out[set.Position(lit.Pos()).String()] = s
				}
			}
			return true
		})
	}
	if len(out) < 300 {
		t.Fatalf("only %d Chinese texts in the code", len(out))
	}
	return out
}

// One word for each concept: in the code's texts, and on Chinese pages outside of what
// people type.
func TestChineseHasOneWordForEachConcept(t *testing.T) {
	t.Parallel()
	all := shownTexts(t)
	var spoken strings.Builder
	for _, text := range all {
		spoken.WriteString(text + "\n")
	}
	for _, page := range pages(t) {
		if strings.HasSuffix(page, chinese) {
			all[page] = inCode.ReplaceAllString(fenced.ReplaceAllString(load(t, page), ""), "")
		}
	}
	for _, w := range chineseWords(t) {
		if !strings.Contains(spoken.String(), w.chinese) {
			t.Errorf("%s is %s in the table, and no text has the word", w.english, w.chinese)
		}
		for at, text := range all {
			for _, not := range w.not {
				if strings.Contains(text, not) {
					t.Errorf("%s: %s for %q: write %s", at, not, w.english, w.chinese)
				}
			}
		}
	}
}

// Every page for users has both languages. Those for people who work on the code are in
// English alone, and so is the one that is made from docs/openapi.yaml.
func TestPagesForUsersHaveBothLanguages(t *testing.T) {
	t.Parallel()
	both := map[string]bool{}
	for _, p := range pairs(t) {
		both[p.english], both[p.chinese] = true, true
	}
	for _, page := range pages(t) {
		page, _ = strings.CutPrefix(filepath.ToSlash(page), root+"/")
		alone := page == "docs/architecture.md" || page == "docs/reliability.md" || page == "docs/api.md" || strings.HasPrefix(page, "docs/adr/")
		if strings.HasPrefix(page, "docs/") && both[page] == alone {
			t.Errorf("%s: in both languages: %v", page, both[page])
		}
	}
}
