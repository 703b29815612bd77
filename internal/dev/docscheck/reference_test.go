package docscheck_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sslvpnchange/internal/config"
)

func TestREADMEListsEveryVariable(t *testing.T) {
	t.Parallel()
	got := rows(section(t, read(t, "README.md"), "Configure"))
	for _, r := range got {
		r[1] = strings.ReplaceAll(r[1], "`", "")
	}
	var want [][]string
	for _, v := range config.Variables() {
		want = append(want, []string{"`" + v.Name + "`", defaultOf(v), v.Meaning})
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("README.md has\n%q\nthe code\n%q", got, want)
	}
}

func defaultOf(v config.Variable) string {
	if v.Required {
		return "required"
	}
	return v.Default
}

func TestChineseREADMEListsEveryVariable(t *testing.T) {
	t.Parallel()
	var got, want []string
	for _, r := range rows(section(t, read(t, "README.zh-CN.md"), "配置")) {
		got = append(got, r[0])
	}
	for _, v := range config.Variables() {
		want = append(want, "`"+v.Name+"`")
	}
	if !slices.Equal(got, want) {
		t.Errorf("README.zh-CN.md has %q, the code %q", got, want)
	}
}

func TestRecordPageExplainsEveryField(t *testing.T) {
	t.Parallel()
	page := read(t, "docs/record.md")
	for _, tt := range []struct{ schema, heading string }{
		{"docs/schema/record.schema.json", "Record"},
		{"docs/schema/receipt.schema.json", "Receipt"},
		{"docs/schema/notice.schema.json", "Notice"},
	} {
		t.Run(tt.heading, func(t *testing.T) {
			t.Parallel()
			var schema node
			if err := json.Unmarshal([]byte(read(t, tt.schema)), &schema); err != nil {
				t.Fatal(err)
			}
			want := schema.fields(schema.Defs, "")
			got := names(rows(section(t, page, tt.heading)))
			for _, field := range want {
				if !got[field] {
					t.Errorf("docs/record.md explains no %s of a %s", field, strings.ToLower(tt.heading))
				}
				delete(got, field)
			}
			if len(want) < 9 || len(got) > 0 {
				t.Errorf("%d fields; docs/record.md explains fields that do not exist: %q", len(want), sorted(got))
			}
		})
	}
}

// node is the part of a schema that names fields.
type node struct {
	Ref        string          `json:"$ref"`
	Defs       map[string]node `json:"$defs"`
	Properties map[string]node `json:"properties"`
	Items      *node           `json:"items"`
}

// fields lists the paths of all fields, without those of settings, which
// docs/change-file.md explains.
func (n node) fields(defs map[string]node, path string) []string {
	var out []string
	for name, p := range n.Properties {
		at := strings.TrimPrefix(path+"."+name, ".")
		out = append(out, at)
		child, below := p, at
		if p.Items != nil {
			child, below = *p.Items, at+"[]"
		}
		if child.Ref == "#/$defs/settings" {
			continue
		}
		if ref, ok := strings.CutPrefix(child.Ref, "#/$defs/"); ok {
			child = defs[ref]
		}
		out = append(out, child.fields(defs, below)...)
	}
	slices.Sort(out)
	return out
}
