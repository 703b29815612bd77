package manifest_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

const schemaFile = "../../docs/schema/change-file.schema.json"

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	s, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instances reads documents as an editor does, to validate them by the schema.
func instances(t *testing.T, text string) ([]any, error) {
	t.Helper()
	var out []any
	dec := yaml.NewDecoder(strings.NewReader(text))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); err != nil {
			if len(out) > 0 && err.Error() == "EOF" {
				return out, nil
			}
			return nil, err
		}
		keepTimes(&doc)
		var v any
		if err := doc.Decode(&v); err != nil {
			return nil, err
		}
		data, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		out = append(out, instance)
	}
}

// keepTimes reads times as texts, as YAML 1.2 does.
func keepTimes(n *yaml.Node) {
	if n.Tag == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, c := range n.Content {
		keepTimes(c)
	}
}

func TestSchemaAcceptsEveryValidDocument(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for _, d := range validDocuments() {
		docs, err := instances(t, strings.ReplaceAll(strings.TrimPrefix(d.text, "\uFEFF"), "\t", " "))
		if err != nil {
			t.Errorf("%s: %v", d.name, err)
		}
		for _, doc := range docs {
			if err := schema.Validate(doc); err != nil {
				t.Errorf("%s: %v", d.name, err)
			}
		}
	}
}

// A schema cannot check the notation of numbers. It must refuse every other wrong
// shape.
func TestSchemaRefusesWrongShapes(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	structural := []string{
		change.RuleWrongType, change.RuleRequired, change.RuleNothingToSet, change.RulePortReserved, change.RuleExpectEmpty,
		document.RuleUnknownKey, manifest.RuleMisplacedKey, manifest.RuleRefusedParameter, manifest.RuleActionUnknown, manifest.RuleTimeFormat, manifest.RuleNoChanges,
	}
	notation := []string{"a port in octal", "a port with a fraction", "a port with an exponent", "a port in hexadecimal", "a port with underscores", "a time before all times"}
	judged := 0
	for _, d := range invalidDocuments() {
		_, problems := manifest.Parse([]byte(d.text), options(d.format))
		if slices.Contains(notation, d.name) || !slices.ContainsFunc(problems, func(p change.Problem) bool { return slices.Contains(structural, p.Rule) }) {
			continue
		}
		docs, err := instances(t, d.text)
		if err != nil {
			t.Errorf("%s: %v", d.name, err)
			continue
		}
		judged++
		if !slices.ContainsFunc(docs, func(doc any) bool { return schema.Validate(doc) != nil }) {
			t.Errorf("%s passes the schema", d.name)
		}
	}
	if judged < 40 {
		t.Errorf("only %d documents were judged", judged)
	}
}

func TestSchemaHasTheKeysOfTheCode(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type member struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	type object struct {
		Properties map[string]member `json:"properties"`
	}
	var schema struct {
		Defs struct {
			Document object `json:"document"`
			Bare     object `json:"bareChange"`
			Change   object `json:"change"`
			Header   member `json:"header"`
			Settings member `json:"settings"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	defs := schema.Defs
	for name, pair := range map[string][2][]string{
		"document": {slices.Sorted(maps.Keys(defs.Document.Properties)), append(manifest.HeaderKeys(), "changes")},
		"bare":     {slices.Sorted(maps.Keys(defs.Bare.Properties)), append(manifest.HeaderKeys(), manifest.ChangeKeys()...)},
		"change":   {slices.Sorted(maps.Keys(defs.Change.Properties)), manifest.ChangeKeys()},
		"header":   {slices.Sorted(maps.Keys(defs.Header.Properties)), manifest.HeaderKeys()},
		"settings": {slices.Sorted(maps.Keys(defs.Settings.Properties)), manifest.ExpectKeys()},
		"expect":   {slices.Sorted(maps.Keys(defs.Change.Properties["expect"].Properties)), manifest.ExpectKeys()},
	} {
		if got, want := pair[0], slices.Sorted(slices.Values(pair[1])); !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %q, the code %q", name, got, want)
		}
	}
}

// The schema has the type of every setting and accepts its example.
func TestSchemaHasTheTypesOfTheSettings(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Defs struct {
			Settings struct {
				Properties map[change.Field]struct {
					Type change.Kind `json:"type"`
				} `json:"properties"`
			} `json:"settings"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	schema := compileSchema(t)
	for _, f := range change.Fields() {
		if got := file.Defs.Settings.Properties[f].Type; got != f.Kind() {
			t.Errorf("%s: the schema has the type %q, the code %q", f, got, f.Kind())
		}
		docs, err := instances(t, target+string(f)+": "+f.Setting().Example+"\n")
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(docs[0]); err != nil {
			t.Errorf("the example of %s: %v", f, err)
		}
	}
}
