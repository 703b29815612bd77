package docscheck_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A command of a page: its packages, and the pattern of its tests or benchmarks.
var (
	goTest  = regexp.MustCompile("`(go test [^`]+)`")
	pattern = regexp.MustCompile(`-(run|bench) '?([^' ]+)'?`)
)

func TestGoTestCommandsOfPagesRunSomething(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, page := range pages(t) {
		for _, m := range goTest.FindAllStringSubmatch(load(t, page), -1) {
			var declared strings.Builder
			for field := range strings.FieldsSeq(m[1]) {
				if strings.HasPrefix(field, "./") {
					declared.WriteString(testsOf(t, field))
				}
			}
			for _, p := range pattern.FindAllStringSubmatch(m[1], -1) {
				if p[2] == "^$" || p[2] == "." {
					continue
				}
				checked++
				kind := map[string]string{"run": "(Test|Example|Fuzz)", "bench": "Benchmark"}[p[1]]
				name, _, _ := strings.Cut(strings.ReplaceAll(p[2], "$", `\(`), "/")
				if !regexp.MustCompile(`(?m)^func ` + kind + `\w*(` + name + `)`).MatchString(declared.String()) {
					t.Errorf("%s: %s runs nothing", page, m[1])
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d commands found", checked)
	}
}

// testsOf is the source of the tests of a package.
func testsOf(t *testing.T, pkg string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
	return b.String()
}
