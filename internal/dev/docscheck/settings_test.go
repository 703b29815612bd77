package docscheck_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// place is a place, outside of the table of settings in package change, that must
// name every setting.
type place struct {
	name  string
	names func(t *testing.T, f change.Field) bool
}

// places lists all of them. The Chinese texts of new rules are listed by the tests
// of packages command and wording.
func places() []place {
	out := []place{
		{"docs/change-file.md, Keys of a change", inKeys("docs/change-file.md", "Keys of a change")},
		{"docs/change-file.zh-CN.md, 变更的键", inKeys("docs/change-file.zh-CN.md", "变更的键")},
		{"the emulator's Modify, internal/dev/localcloud/vpc/rules.go", inFile("internal/dev/localcloud/vpc/rules.go")},
		{"the emulator's Describe, internal/dev/localcloud/vpc/describe.go", inFile("internal/dev/localcloud/vpc/describe.go")},
	}
	for _, page := range commandPages() {
		out = append(out, place{page.file + ", " + page.keys, func(t *testing.T, f change.Field) bool {
			t.Helper()
			word, _, _ := strings.Cut(f.Setting().English, " ")
			return names(rows(section(t, read(t, page.file), page.keys)))[word]
		}})
	}
	for file, paths := range map[string][]string{
		"docs/schema/change-file.schema.json": {
			"$defs settings properties", "$defs change properties", "$defs change anyOf", "$defs change properties expect properties",
			"$defs bareChange properties", "$defs bareChange anyOf",
		},
		"docs/schema/policy.schema.json": {"$defs setting anyOf"},
		"docs/schema/record.schema.json": {"$defs field enum", "$defs settings properties"},
	} {
		for _, path := range paths {
			out = append(out, place{file + ", " + path, inSchema(file, path)})
		}
	}
	return out
}

// inKeys finds a setting in the table of keys of a page.
func inKeys(page, heading string) func(*testing.T, change.Field) bool {
	return func(t *testing.T, f change.Field) bool {
		t.Helper()
		return names(rows(section(t, read(t, page), heading)))[string(f)]
	}
}

// inFile finds a setting as a string literal of a file.
func inFile(file string) func(*testing.T, change.Field) bool {
	return func(t *testing.T, f change.Field) bool {
		t.Helper()
		return strings.Contains(read(t, file), `"`+string(f)+`"`)
	}
}

// inSchema finds a setting as a key or a text below a path of a schema.
func inSchema(file, path string) func(*testing.T, change.Field) bool {
	return func(t *testing.T, f change.Field) bool {
		t.Helper()
		var at any
		if err := json.Unmarshal([]byte(read(t, file)), &at); err != nil {
			t.Fatal(err)
		}
		for key := range strings.FieldsSeq(path) {
			m, _ := at.(map[string]any)
			if at = m[key]; at == nil {
				t.Fatalf("%s has no %s", file, path)
			}
		}
		data, err := json.Marshal(at)
		return err == nil && strings.Contains(string(data), `"`+string(f)+`"`)
	}
}

func missing(t *testing.T, f change.Field) []string {
	t.Helper()
	var out []string
	for _, p := range places() {
		if !p.names(t, f) {
			out = append(out, p.name)
		}
	}
	slices.Sort(out)
	return out
}

func TestEverySettingIsInEveryPlace(t *testing.T) {
	t.Parallel()
	for _, f := range change.Fields() {
		if got := missing(t, f); len(got) > 0 {
			t.Errorf("%s is missing from:\n  %s", f, strings.Join(got, "\n  "))
		}
	}
}

// A setting that is in the table alone is missing from every place, so that the
// message of the test above is complete.
func TestANewSettingIsMissingFromEveryPlace(t *testing.T) {
	t.Parallel()
	if got := missing(t, "NewSetting"); len(got) != len(places()) {
		t.Errorf("it is missing from %d of %d places: %q", len(got), len(places()), got)
	}
}
