package docscheck_test

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const tour = "docs/architecture.md"

// code is what the repository's Go files declare and quote.
type code struct {
	packages map[string]map[string]bool // by name: what they declare, methods and fields included
	literals string                     // all string literals, one a line
}

func readCode(t *testing.T) code {
	t.Helper()
	c := code{packages: map[string]map[string]bool{}}
	var literals strings.Builder
	for _, f := range sources(t, "main.go", "handler", "events", "internal", "cmd") {
		names := c.packages[f.Name.Name]
		if names == nil {
			names = map[string]bool{}
			c.packages[f.Name.Name] = names
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				names[n.Name.Name] = true
			case *ast.TypeSpec:
				names[n.Name.Name] = true
			case *ast.ValueSpec:
				for _, id := range n.Names {
					names[id.Name] = true
				}
			case *ast.Field:
				for _, id := range n.Names {
					names[id.Name] = true
				}
			case *ast.BasicLit:
				if n.Kind == token.STRING {
					literals.WriteString(strings.Trim(n.Value, "`\"") + "\n")
				}
			}
			return true
		})
	}
	c.literals = literals.String()
	return c
}

// placeholder is a part of a name that stands for any text: <region>, {id}, ….
var placeholder = regexp.MustCompile(`<[^>]*>|\{[^}]*\}|…`)

// knows reports whether a name is a path of the repository, a package, a name
// that a package declares, a command or a text that the code quotes.
func (c code) knows(name string) bool {
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); err == nil {
		return true
	}
	if strings.HasPrefix(name, "internal/") || strings.HasPrefix(name, "cmd/") {
		return false
	}
	if _, ok := c.packages[name]; ok {
		return true
	}
	if pkg, id, ok := strings.Cut(name, "."); ok && c.packages[pkg] != nil {
		for part := range strings.SplitSeq(id, ".") {
			if !c.packages[pkg][part] {
				return false
			}
		}
		return true
	}
	if token.IsExported(name) && token.IsIdentifier(name) {
		for _, names := range c.packages {
			if names[name] {
				return true
			}
		}
	}
	return strings.Contains(c.literals, name)
}

// knowsKey reports whether a name is an object key, complete or with
// placeholders, whose prefix the code has.
func (c code) knowsKey(name string) bool {
	prefix, rest, ok := strings.Cut(name, "/")
	if !ok || prefix == "internal" || prefix == "cmd" {
		return false
	}
	return strings.Contains(c.literals, prefix+"/\n") && (placeholder.MatchString(rest) || path.Ext(rest) != "")
}

// notInCode are examples and names of others.
func notInCode(name string) bool {
	switch name {
	case "testdata", "testdata/stored", "make stored", "doc.go", "Port: 1195", "apply office-hangzhou port=1195", "If-Match: <eTag>", "Prefer: wait":
		return true
	default:
		return strings.HasPrefix(name, "vpnctl ") || strings.HasPrefix(name, "approve <id>") || strings.HasPrefix(name, "{")
	}
}

func TestTheTourNamesWhatExists(t *testing.T) {
	t.Parallel()
	c := readCode(t)
	checked := 0
	for _, m := range inCode.FindAllStringSubmatch(fenced.ReplaceAllString(read(t, tour), ""), -1) {
		name := m[1]
		if notInCode(name) {
			continue
		}
		checked++
		if !c.knows(strings.TrimSuffix(name, "/")) && !c.knowsKey(name) {
			t.Errorf("%s names %q, which does not exist", tour, name)
		}
	}
	if checked < 80 {
		t.Errorf("only %d names found", checked)
	}
}

func TestTheTourNamesEveryPackage(t *testing.T) {
	t.Parallel()
	page, seen := read(t, tour), map[string]bool{}
	for _, dir := range []string{"handler", "events", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(p string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(p) != ".go" || strings.Contains(p, "testdata") {
				return err
			}
			pkg, _ := strings.CutPrefix(filepath.ToSlash(filepath.Dir(p)), root+"/")
			if strings.HasPrefix(pkg, "internal/dev/localcloud/") {
				pkg = "internal/dev/localcloud" // the page names the emulators together
			}
			if !seen[pkg] && !strings.Contains(page, "`"+pkg+"`") {
				t.Errorf("%s does not name the package %s", tour, pkg)
			}
			seen[pkg] = true
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
