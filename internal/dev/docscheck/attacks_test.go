package docscheck_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named are the tests of the table of attacks, as package and name, with the number
// of rows.
func named(t *testing.T) (tests map[string]bool, rows int) {
	t.Helper()
	tests = map[string]bool{}
	for line := range strings.Lines(section(t, read(t, "docs/reliability.md"), "Attacks and faults")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || !strings.Contains(cells[2], "`") {
			continue
		}
		rows++
		pkg := ""
		for _, m := range inCode.FindAllStringSubmatch(cells[2], -1) {
			switch {
			case !strings.HasPrefix(m[1], "Test"):
				pkg = m[1]
			case pkg == "":
				t.Errorf("the row of %s names no package before %s", strings.TrimSpace(cells[0]), m[1])
			default:
				tests[pkg+" "+m[1]] = true
			}
		}
	}
	return tests, rows
}

var declaredTest = regexp.MustCompile(`(?m)^func (Test\w*)\(`)

// declared are the tests of the repository, as package and name.
func declared(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		pkg, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, m := range declaredTest.FindAllStringSubmatch(load(t, path), -1) {
			out[filepath.ToSlash(pkg)+" "+m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every test of the table exists, and every attack is in the table.
func TestTheTableOfAttacksIsComplete(t *testing.T) {
	t.Parallel()
	names, rows := named(t)
	tests := declared(t)
	if rows < 30 || len(names) < 80 {
		t.Errorf("only %d tests in %d rows found", len(names), rows)
	}
	for name := range names {
		if !tests[name] {
			t.Errorf("docs/reliability.md names %s, which does not exist", name)
		}
	}
	for test := range tests {
		if strings.Contains(test, " TestAttack") && !names[test] {
			t.Errorf("%s is in no row of the table of attacks in docs/reliability.md: name it in the row of its kind, or add one", test)
		}
	}
}

// Every kind is tried against the deployed binary.
func TestEveryAttackIsTriedOnTheDeployedBinary(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(section(t, read(t, "docs/reliability.md"), "Attacks and faults")) {
		if strings.Contains(line, "TestAttack") && strings.HasPrefix(line, "|") && !strings.Contains(line, "`internal/dev/e2e` `TestAttack") {
			t.Errorf("no attack on the deployed binary in %s", line)
		}
	}
}
