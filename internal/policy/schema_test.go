package policy_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

const schemaFile = "../../docs/schema/policy.schema.json"

func compileSchema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	s, err := c.Compile(schemaFile)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// asJSON reads the first document as an editor would.
func asJSON(text []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF")))).Decode(&doc); err != nil {
		return nil, err
	}
	keepTimes(&doc)
	var v any
	if err := doc.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
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

func validates(schema *jsonschema.Schema, text []byte) error {
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(instance)
}

func TestSchemaAcceptsEveryValidPolicy(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for _, d := range validDocuments() {
		text, err := asJSON([]byte(d.text))
		if err != nil {
			t.Fatal(err)
		}
		if err := validates(schema, text); err != nil {
			t.Errorf("%s: %v", d.name, err)
		}
	}
}

// A schema cannot check names or notation. It must refuse every wrong shape.
func TestSchemaRefusesWrongShapes(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	structural := []string{
		change.RuleWrongType, change.RuleRegionFormat, change.RuleServerIDFormat, document.RuleUnknownKey,
		policy.RuleKeyMissing, policy.RuleEmptyList, policy.RuleTooManyEntries, policy.RuleDuplicateEntry, policy.RulePersonNameFormat, policy.RuleLangUnknown,
		policy.RuleDoorUnknown, policy.RuleTenantNotTaken, policy.RuleAccountFormat, policy.RuleServerPattern, policy.RuleRoleUnknown, policy.RuleNeedRange,
		policy.RuleMaxConnectedRange, policy.RuleOtherwiseUnknown, policy.RuleConfirmationEmpty, policy.RuleTimeZoneUnknown, policy.RuleDigestFormat, policy.RuleQuietFormat, change.RuleConfirmFormat,
		policy.RuleWindowNameFormat, policy.RuleWindowNeverOpens, policy.RuleDayUnknown, policy.RuleClockFormat, policy.RuleLastStartFormat, policy.RuleTimeZoneInexact, policy.RuleReasonFormat,
	}
	judged := 0
	for _, d := range invalidDocuments() {
		_, problems := policy.Parse([]byte(d.text), d.format)
		if !slices.ContainsFunc(problems, func(p change.Problem) bool { return slices.Contains(structural, p.Rule) }) {
			continue
		}
		text, err := asJSON([]byte(d.text))
		if err != nil {
			t.Errorf("%s: %v", d.name, err)
			continue
		}
		judged++
		if validates(schema, text) == nil {
			t.Errorf("%s passes the schema", d.name)
		}
	}
	if judged < 40 {
		t.Errorf("only %d documents were judged", judged)
	}
}

func TestSchemaHasTheKeysAndWordsOfTheCode(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type property struct {
		Enum  []string `json:"enum"`
		Items *struct {
			Enum []string `json:"enum"`
		} `json:"items"`
	}
	type object struct {
		Properties map[string]property `json:"properties"`
		AnyOf      []property          `json:"anyOf"`
	}
	var schema struct {
		object

		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	for where, def := range map[string]object{
		"": schema.object, "people": schema.Defs["person"], "accounts": schema.Defs["account"], "servers": schema.Defs["namedServer"],
		"grants": schema.Defs["grant"], "approvals": schema.Defs["approval"], "guards": schema.Defs["guard"], "confirmations": schema.Defs["confirmation"],
		"notify": schema.Defs["notification"], "rooms": schema.Defs["room"],
		"windows": schema.Defs["window"], "open": schema.Defs["openHours"], "freezes": schema.Defs["freeze"], "override": schema.Defs["override"],
	} {
		if got, want := slices.Sorted(maps.Keys(def.Properties)), slices.Sorted(slices.Values(policy.Keys()[where])); !slices.Equal(got, want) {
			t.Errorf("%q: the schema has %q, the code %q", where, got, want)
		}
	}
	if got := schema.Defs["account"].Properties["door"].Enum; !slices.Equal(got, policy.Channels()) {
		t.Errorf("doors %q", got)
	}
	var roles, fields []string
	for _, r := range policy.Roles() {
		roles = append(roles, string(r))
	}
	for _, f := range change.Fields() {
		fields = append(fields, string(f))
	}
	if got := schema.Defs["grant"].Properties["roles"].Items.Enum; !slices.Equal(got, roles) {
		t.Errorf("roles %q", got)
	}
	if got := schema.Defs["setting"].AnyOf[0].Enum; !slices.Equal(got, fields) {
		t.Errorf("settings %q", got)
	}
}
