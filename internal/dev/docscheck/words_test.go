package docscheck_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// replaced are phrases that this project no longer uses, in lower case, with the
// terms that replace them: see the glossary in docs/architecture.md. stem is a
// part of every match: a search for it is quick, and rarely finds anything.
var replaced = []struct{ stem, phrase, instead string }{
	{`tell`, `tell(s|ing)? (whether|if)\b`, "reports whether"},
	{`mend`, `\bmend(s|ed|ing)?\b`, "fix"},
	{`is no promise`, `\bis no promise\b`, "is not guaranteed"},
	{` is none`, `\b(that|which) is none\b`, "is not one"},
	{`what helps`, `\bwhat helps\b`, "how to fix"},
	{`who may:`, `\bwho may:`, "approvers"},
	{`"not done`, `"not done\b`, "rejected"},
	{` word`, `\bat (its|their) word\b`, "trusts"},
	{`one go`, `\bat one go\b`, "in one step"},
	{` in line`, `\b(put|puts|putting|stands?|is|are|changes?) in line\b`, "queue, queued"},
	{`out of`, `\bout of (the )?line\b`, "from the queue"},
	{`bell`, `\b(door)?bells?\b`, "wake object, trigger"},
	{`rung`, `\brung\b`, "woken, written"},
	{`back`, `\b(give|gives|gave|given|giving|hand|hands|handed) ((the )?(lane|it|them) )?back\b`, "release"},
	{` the lane`, `\b(has|had|have|takes?|took|taken) the lane\b`, "holds the lease, acquires the lease"},
	{`ballot`, `\bballots?\b`, "votes"},
	{`owed`, `\b(is|was|are|were) owed\b`, "pending notification"},
	{`owes`, `\bowes\b`, "pending notification"},
	{`owing`, `\bowing\b`, "pending notification"},
	{`desk`, `\bthe desk\b|\bdesk's\b`, "executor"},
	{`all the same`, `\ball the same\b`, "nevertheless"},
	{`type `, `\btype (world|house|stage|desk) `, "harness"},
	{`for ever`, `\bfor ever\b`, "permanently, without end"},
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
	text, starts := joined(text)
	for _, p := range replaced {
		if !strings.Contains(text, p.stem) {
			continue
		}
		for _, at := range regexp.MustCompile(p.phrase).FindAllStringIndex(text, -1) {
			line, _ := slices.BinarySearch(starts, at[0]+1)
			found = append(found, fmt.Sprintf("%s:%d: %q: write %s", name, line, text[at[0]:at[1]], p.instead))
		}
	}
	return found
}

// joined is a text on one line, in lower case, without the signs of comments and
// without the contracts; and where its lines begin.
func joined(text string) (string, []int) {
	var b strings.Builder
	var starts []int
	for line := range strings.Lines(strings.ToLower(text)) {
		line = strings.TrimSpace(line)
		for _, sign := range []string{"//", "#"} {
			line = strings.TrimSpace(strings.TrimPrefix(line, sign))
		}
		for _, c := range contracts {
			line = strings.ReplaceAll(line, c, "")
		}
		starts = append(starts, b.Len())
		b.WriteString(line + " ")
	}
	return b.String(), starts
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
