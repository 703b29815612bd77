// Package gosource reads string constants from the source of a package, so that
// tests can check that a document or a table lists all of them. A list of the same
// names in code would be one more place to forget.
package gosource

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Constants lists the values of the string constants of the package in a directory,
// without its tests, whose name begins with the prefix or whose type has it as its
// name. They are in the order of the files' names and of their lines. It fails the
// test where there are none.
func Constants(tb testing.TB, dir, prefix string) []string {
	tb.Helper()
	out := AnyConstants(tb, dir, prefix)
	if len(out) == 0 {
		tb.Fatalf("%s has no string constants %s", dir, prefix)
	}
	return out
}

// AnyConstants is Constants for a package that may have none.
func AnyConstants(tb testing.TB, dir, prefix string) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			tb.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				out = append(out, values(spec, prefix)...)
			}
			return true
		})
	}
	return out
}

func values(spec *ast.ValueSpec, prefix string) []string {
	var out []string
	typ, _ := spec.Type.(*ast.Ident)
	for i, name := range spec.Names {
		if i >= len(spec.Values) || !strings.HasPrefix(name.Name, prefix) && (typ == nil || typ.Name != prefix) {
			continue
		}
		if lit, ok := spec.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				out = append(out, s)
			}
		}
	}
	return out
}
