package docscheck_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/config"
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

func TestRecordPagesExplainEveryField(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ schema, english, chinese string }{
		{"docs/schema/record.schema.json", "Record", "记录"},
		{"docs/schema/receipt.schema.json", "Receipt", "回执"},
		{"docs/schema/notice.schema.json", "Notice", "送达记录"},
		{"docs/schema/approval.schema.json", "Approval", "审批通知"},
	} {
		t.Run(tt.english, func(t *testing.T) {
			t.Parallel()
			var schema node
			if err := json.Unmarshal([]byte(read(t, tt.schema)), &schema); err != nil {
				t.Fatal(err)
			}
			want := schema.fields(schema.Defs, "")
			for page, heading := range map[string]string{"docs/record.md": tt.english, "docs/record.zh-CN.md": tt.chinese} {
				got := names(rows(section(t, read(t, page), heading)))
				for _, field := range want {
					if !got[field] {
						t.Errorf("%s explains no %s of a %s", page, field, strings.ToLower(tt.english))
					}
					delete(got, field)
				}
				if len(want) < 9 || len(got) > 0 {
					t.Errorf("%d fields; %s explains fields that do not exist: %q", len(want), page, sorted(got))
				}
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
// the pages of change files explain.
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
