package docscheck_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// replaced are phrases that this project no longer uses, in lower case, with the
// terms that replace them: see the glossary in docs/architecture.md. stem is a
// part of every match; looking for it first makes the search quick.
var replaced = []struct{ stem, phrase, instead string }{
	{`tell`, `tell(s|ing)? (whether|if)\b`, "reports whether"},
	{`mend`, `\bmend(s|ed|ing)?\b`, "fix"},
	{`promise`, `\bis no promise\b`, "is not guaranteed"},
	{`none`, `\b(that|which) is none\b`, "is not one"},
	{`helps`, `\bwhat helps\b`, "how to fix"},
	{`may:`, `\bwho may:`, "approvers"},
	{`done`, `"not done\b`, "rejected"},
	{`word`, `\bat (its|their) word\b`, "trusts"},
	{`go`, `\bat one go\b`, "in one step"},
	{`line`, `\b(put|puts|putting|stands?|is|are|changes?) in line\b`, "queue, queued"},
	{`line`, `\bout of (the )?line\b`, "from the queue"},
	{`bell`, `\b(door)?bells?\b`, "wake object, trigger"},
	{`rung`, `\brung\b`, "woken, written"},
	{`back`, `\b(give|gives|gave|given|giving|hand|hands|handed) ((the )?(lane|it|them) )?back\b`, "release"},
	{`lane`, `\b(has|had|have|takes?|took|taken) the lane\b`, "holds the lease, acquires the lease"},
	{`ballot`, `\bballots?\b`, "votes"},
	{`ow`, `\b(is|was|are|were) owed\b|\bowes?\b|\bowing\b`, "pending notification"},
	{`desk`, `\bthe desk\b|\bdesk's\b`, "executor"},
	{`same`, `\ball the same\b`, "nevertheless"},
	{`type`, `\btype (world|house|stage|desk) `, "harness"},
	{`ever`, `\bfor ever\b`, "permanently, without end"},
}

// contracts are texts that stay as they are, because operators and programs rely
// on them.
var contracts = []string{
	"doorbell not rung, the sweep will look", // a log message
	"lane not given back",                    // a log message
}

// texts lists the files below the root with one of the extensions, without test
// data and without the list above.
func texts(t *testing.T, extensions ...string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if name := d.Name(); name == "testdata" || name == "dist" || (strings.HasPrefix(name, ".") && path != root && name != ".ci") {
				return filepath.SkipDir
			}
			return nil
		}
		for _, ext := range extensions {
			if strings.HasSuffix(path, ext) && !strings.HasSuffix(path, "words_test.go") {
				out = append(out, path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPagesUseTheTermsOfTheGlossary(t *testing.T) {
	t.Parallel()
	files := texts(t, ".md", ".yml", ".yaml", ".txt")
	if len(files) < 30 {
		t.Errorf("only %d files found", len(files))
	}
	for _, file := range files {
		for _, found := range replacedIn(load(t, file), file) {
			t.Error(found)
		}
	}
}

// replacedIn finds replaced phrases in a text. A phrase may be broken over two
// lines, with the sign of a comment at the beginning of the second.
func replacedIn(text, file string) []string {
	var found []string
	name, _ := strings.CutPrefix(filepath.ToSlash(file), root+"/")
	text = strings.ToLower(text)
	for _, c := range contracts {
		text = strings.ReplaceAll(text, c, "")
	}
	for _, p := range replaced {
		if !strings.Contains(text, p.stem) {
			continue
		}
		pattern := regexp.MustCompile(strings.ReplaceAll(p.phrase, " ", `(?: |\s*\n\s*(?://|#)?\s*)`))
		for _, at := range pattern.FindAllStringIndex(text, -1) {
			found = append(found, fmt.Sprintf("%s:%d: %q: write %s", name, 1+strings.Count(text[:at[0]], "\n"), text[at[0]:at[1]], p.instead))
		}
	}
	return found
}

func TestReplacedPhrasesAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"// valid tells\n// whether it is":        1,
		"The change is\nin line with the others.": 1,
		"an error in line 3":                      0,
		"It reports whether the lease is held.":   0,
		"nothing is done until it is mended":      1,
	} {
		if got := replacedIn(text, "a.md"); len(got) != want {
			t.Errorf("%q: got %q, want %d", text, got, want)
		}
	}
}

func TestCodeUsesTheTermsOfTheGlossary(t *testing.T) {
	t.Parallel()
	files := texts(t, ".go", "Makefile", ".sh", ".html", ".js")
	if len(files) < 300 {
		t.Errorf("only %d files found", len(files))
	}
	for _, file := range files {
		for _, found := range replacedIn(load(t, file), file) {
			t.Error(found)
		}
	}
}
