package startcheck_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sslvpn-change/sslvpn-change"

// shipped lists the source files of this module that the function is built
// from, for the platform that it runs on.
func shipped(t *testing.T) []string {
	t.Helper()
	format := `{{if and .Module (eq .Module.Path "` + module + `")}}{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{end}}`
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, module)
	cmd.Env = append(cmd.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	return strings.Fields(string(out))
}

func TestNothingIsDoneAtPackageLevel(t *testing.T) {
	t.Parallel()
	files := shipped(t)
	if len(files) < 50 {
		t.Fatalf("found %d files, want those of the whole function: %v", len(files), files)
	}
	for _, path := range files {
		for _, found := range check(t, path, nil) {
			t.Error(found)
		}
	}
}

func TestTheCheckFindsWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, source string
		want         int
	}{
		{"a constant table", `var a = [...]string{"x", "y"}`, 0},
		{"a sentinel", `var errA = errors.New("a")`, 0},
		{"an assertion about a type", `var _ fmt.Stringer = (*T)(nil)`, 0},
		{"no value", `var a sync.Mutex`, 0},
		{"a function as a value", `var a = func() int { return f() }`, 0},
		{"a call in a function", `func a() int { return f() }`, 0},
		{"a method called init", `func (T) init() {}`, 0},
		{"a sync.OnceValue", `var a = sync.OnceValue(func() int { return f() })`, 0},
		{"a pattern", "var a = regexp.MustCompile(`x`)", 1},
		{"an error with a format", `var a = fmt.Errorf("%d", 1)`, 1},
		{"a call inside a table", `var a = []T{{1, f()}}`, 1},
		{"a map", `var a = map[string]int{"x": 1}`, 1},
		{"a map inside a table", `var a = []map[string]int{{"x": 1}}`, 1},
		{"a map made", `var a = make(map[string]int)`, 1},
		{"an init function", `func init() {}`, 1},
		{"two of them", `var a, b = f(), f()`, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := check(t, "sample.go", "package sample\n"+tt.source+"\n"); len(got) != tt.want {
				t.Errorf("found %v, want %d", got, tt.want)
			}
		})
	}
}

// check says what a file does at package level. The source is what
// parser.ParseFile takes: nil to read the file.
func check(t *testing.T, path string, source any) []string {
	t.Helper()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	report := func(at token.Pos, what string) {
		p := files.Position(at)
		found = append(found, fmt.Sprintf("%s:%d: %s at package level: do it on first use (sync.OnceValue) or in a function",
			filepath.Join(filepath.Base(filepath.Dir(p.Filename)), filepath.Base(p.Filename)), p.Line, what))
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				report(d.Pos(), "an init function")
			}
		case *ast.GenDecl:
			if d.Tok == token.VAR {
				work(d, report)
			}
		}
	}
	return found
}

// work reports what the initial values of variables need to be computed.
func work(d *ast.GenDecl, report func(token.Pos, string)) {
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // runs later, if ever
		case *ast.CallExpr:
			if !free(n) {
				report(n.Pos(), "a call")
			}
			return false
		case *ast.CompositeLit:
			if _, ok := n.Type.(*ast.MapType); ok {
				report(n.Pos(), "a map")
				return false
			}
			if a, ok := n.Type.(*ast.ArrayType); ok {
				if _, ok := a.Elt.(*ast.MapType); ok {
					report(n.Pos(), "maps")
					return false
				}
			}
		}
		return true
	})
}

// free reports whether a call costs nothing, or next to nothing, when the
// program starts. The compiler lays out errors.New and conversions itself.
func free(call *ast.CallExpr) bool {
	switch fun := call.Fun.(type) {
	case *ast.ParenExpr, *ast.ArrayType: // (*T)(nil), []byte("x")
		return true
	case *ast.SelectorExpr:
		pkg, ok := fun.X.(*ast.Ident)
		return ok && slices.Contains([]string{"errors.New", "sync.OnceValue", "sync.OnceFunc", "sync.OnceValues"}, pkg.Name+"."+fun.Sel.Name)
	default:
		return false
	}
}
