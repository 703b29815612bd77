package docscheck_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// root is the repository.
const root = "../../.."

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// section is the text below a heading, up to the next of the same depth.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("there is no section %q", heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// rows reads the cells of each table row whose first cell is code.
func rows(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	return out
}

var inCode = regexp.MustCompile("`([^`]+)`")

// names are the texts in code of the first cells.
func names(rows [][]string) map[string]bool {
	out := map[string]bool{}
	for _, r := range rows {
		for _, m := range inCode.FindAllStringSubmatch(r[0], -1) {
			out[m[1]] = true
		}
	}
	return out
}

// sources parses the code, without tests, below directories of the repository.
func sources(t *testing.T, dirs ...string) []*ast.File {
	t.Helper()
	var out []*ast.File
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			out = append(out, f)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) == 0 {
		t.Fatalf("there is no code below %q", dirs)
	}
	return out
}

// text is the value of a string literal.
func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// called returns the arguments of every call of a function by its bare name.
func called(files []*ast.File, name string) [][]ast.Expr {
	var out [][]ast.Expr
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if id, ok := call.Fun.(*ast.Ident); ok && id.Name == name {
					out = append(out, call.Args)
				}
			}
			return true
		})
	}
	return out
}

// keyed returns the string literals that are the values of a key in composite
// literals.
func keyed(files []*ast.File, keys ...string) map[string]bool {
	out := map[string]bool{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			kv, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			for _, key := range keys {
				if id, ok := kv.Key.(*ast.Ident); ok && id.Name == key {
					if s, ok := text(kv.Value); ok {
						out[s] = true
					}
				}
			}
			return true
		})
	}
	return out
}

// constants returns the string constants whose name or type has a prefix,
// ignoring case.
func constants(files []*ast.File, prefix string) map[string]bool {
	out := map[string]bool{}
	matches := func(s string) bool { return strings.HasPrefix(strings.ToLower(s), strings.ToLower(prefix)) }
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range spec.Names {
				if i < len(spec.Values) && matches(name.Name) {
					if s, ok := text(spec.Values[i]); ok {
						out[s] = true
					}
				}
			}
			return true
		})
	}
	return out
}
