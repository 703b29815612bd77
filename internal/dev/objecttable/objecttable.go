// Package objecttable reads the table of stored objects out of the comments of
// package objects, for the tests that compare documentation and access rights
// with it.
package objecttable

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Row is one kind of object.
type Row struct {
	Keys      string // the form of its keys
	Bucket    string // "" for the change bucket
	WrittenBy string
	ReadBy    string
	DeletedBy string

	packages []string // of the module
}

// Rows reads the rows. Root is the module's folder.
func Rows(root string) ([]Row, error) {
	packages, err := folders(filepath.Join(root, "internal"))
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(root, "internal", "objects", "*.go"))
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			if row, ok := rowOf(doc(decl)); ok {
				row.packages = packages
				rows = append(rows, row)
			}
		}
	}
	if len(rows) < 10 {
		return nil, fmt.Errorf("only %d kinds of objects were found in package objects", len(rows))
	}
	return rows, nil
}

func folders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out, err
}

func doc(decl ast.Decl) string {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		return decl.Doc.Text()
	case *ast.GenDecl:
		return decl.Doc.Text()
	default:
		return ""
	}
}

func rowOf(comment string) (Row, bool) {
	var row Row
	for line := range strings.Lines(comment) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch name {
		case "- Keys":
			row.Keys = value
		case "- Bucket":
			row.Bucket = value
		case "- Written by":
			row.WrittenBy = value
		case "- Read by":
			row.ReadBy = value
		case "- Deleted by":
			row.DeletedBy = value
		}
	}
	return row, row.Keys != ""
}

// Prefix is the first folder of the keys, such as "queue".
func (r Row) Prefix() string {
	prefix, _, _ := strings.Cut(r.Keys, "/")
	return prefix
}

// Rights are the access rights that the function needs below the prefix of the
// row: "Get", "Put" and "Delete".
func (r Row) Rights() []string {
	var out []string
	for _, right := range []struct{ name, who string }{{"Get", r.ReadBy}, {"Put", r.WrittenBy}, {"Delete", r.DeletedBy}} {
		if r.byFunction(right.who) {
			out = append(out, right.name)
		}
	}
	return out
}

// byFunction reports whether a list of parties begins with one of the module's
// packages: the rest of the list says for whom, or when.
func (r Row) byFunction(parties string) bool {
	first, _, _ := strings.Cut(parties, " ")
	return slices.Contains(r.packages, strings.TrimRight(first, ","))
}

// Markdown is the row as docs/architecture.md shows it.
func (r Row) Markdown() string {
	keys := "`" + r.Keys + "`"
	if form, note, ok := strings.Cut(r.Keys, ", more"); ok {
		keys = "`" + form + "`, more" + note
	}
	if r.Bucket != "" {
		keys += " (" + r.Bucket + ")"
	}
	cells := []string{keys}
	for _, parties := range []string{r.WrittenBy, r.ReadBy, r.DeletedBy} {
		cells = append(cells, regexp.MustCompile(`[a-z]+`).ReplaceAllStringFunc(parties, func(word string) string {
			if slices.Contains(r.packages, word) {
				return "`" + word + "`"
			}
			return word
		}))
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// CheckPage compares the table "Objects" in docs/architecture.md
// with the rows.
func CheckPage(tb testing.TB, root string) {
	tb.Helper()
	page, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md")) //nolint:gosec // G304: a page of this module
	if err != nil {
		tb.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "\n## Objects\n")
	if !found {
		tb.Fatal(`docs/architecture.md has no section "Objects"`)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	rows, err := Rows(root)
	if err != nil {
		tb.Fatal(err)
	}
	var want []string
	for _, row := range rows {
		want = append(want, row.Markdown())
	}
	var table []string
	for line := range strings.Lines(section) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "| `") {
			table = append(table, line)
		}
	}
	for _, line := range want {
		if !slices.Contains(table, line) {
			tb.Errorf("the table in docs/architecture.md lacks\n%s", line)
		}
	}
	for _, line := range table {
		if !slices.Contains(want, line) {
			tb.Errorf("package objects does not say\n%s", line)
		}
	}
}
