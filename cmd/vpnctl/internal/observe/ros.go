package observe

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// The marks in template.yml between which the resources are written.
const (
	beginMark = "  # BEGIN of what cmd/vpnctl/internal/observe/observe.yaml describes; make observe writes it.\n"
	endMark   = "  # END of what observe.yaml describes.\n"
)

// The values that a stack gives.
const (
	stackProject = "{{project}}"
	stackRegion  = "{{region}}"
	stackPolicy  = "{{policy}}"
	stackHours   = "{{hours}}"
)

// stackTarget stands for the stack's own log project.
func stackTarget() Target {
	return Target{Project: stackProject, Logstore: DefaultLogstore, Region: stackRegion, ActionPolicy: stackPolicy, ApprovalHours: stackHours}
}

// Resources are the resources of template.yml, as YAML: the index, the saved searches and
// the dashboard, and the alert rules on the condition "Alerts".
func (s *Spec) Resources() (string, error) {
	var out strings.Builder
	for _, d := range s.Documents(stackTarget()) {
		text, err := resource(d)
		if err != nil {
			return "", err
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

// Insert puts the resources between the marks of a template.
func (s *Spec) Insert(template string) (string, error) {
	before, rest, ok := strings.Cut(template, beginMark)
	_, after, ends := strings.Cut(rest, endMark)
	if !ok || !ends {
		return "", errors.New("the template has no marks for the resources")
	}
	text, err := s.Resources()
	if err != nil {
		return "", err
	}
	return before + beginMark + text + endMark + after, nil
}

// resource is one resource of a stack.
func resource(d Document) (string, error) {
	var id, kind, more string
	var properties []any
	switch d.Kind {
	case KindIndex:
		id, kind, more = "LogIndex", "Index", "    DependsOn: [LogStore]\n"
		properties = []any{"ProjectName", stackProject, "LogstoreName", d.Name, "FullTextIndex", flow("Enable", true, "CaseSensitive", false, "IncludeChinese", true), "KeyIndices", keyIndices(d)}
	case KindSearch:
		id, kind, more = "Search"+camel(d.Name), "Savedsearch", "    DependsOn: [LogIndex]\n"
		properties = []any{"Project", stackProject, "Detail", ordered("SavedsearchName", d.Name, "DisplayName", d.Body["displayName"],
			"Logstore", d.Body["logstore"], "Topic", "", "SearchQuery", d.Body["searchQuery"])}
	case KindDashboard:
		id, kind, more = "LogDashboard", "Dashboard", "    DependsOn: [LogIndex]\n"
		properties = []any{"ProjectName", stackProject, "DashboardName", d.Name, "DisplayName", d.Body["displayName"], "Charts", d.Body["charts"]}
	case KindAlert:
		id, kind, more = "Alert"+camel(d.Name), "Alert", "    Condition: Alerts\n    DependsOn: [LogIndex, LogDashboard]\n"
		properties = []any{"Project", stackProject, "Detail", capitalized(d.Body)}
	}
	text, err := render(ordered(properties...))
	return "  " + id + ":\n    Type: ALIYUN::SLS::" + kind + "\n" + more + "    Properties:\n" + text, err
}

// keyIndices are the fields of an index in the form of a stack.
func keyIndices(d Document) []any {
	keys, _ := d.Body["keys"].(map[string]any)
	var out []any
	for _, f := range platformFields() {
		out = append(out, flow("Name", f, "Type", "text"))
	}
	message, _ := keys["message"].(map[string]any)
	json, _ := message["json_keys"].(map[string]any)
	var inner []any
	for _, n := range sortedKeys(json) {
		key, _ := json[n].(map[string]any)
		inner = append(inner, flow("Name", n, "Type", key["type"]))
	}
	return append(out, ordered("Name", "message", "Type", "json", "IncludeChinese", true, "JsonKeyIndices", inner))
}

// capitalized is a tree whose members begin with a capital letter, as stacks name them.
func capitalized(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, inner := range v {
			out[strings.ToUpper(k[:1])+k[1:]] = capitalized(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = capitalized(v[i])
		}
		return out
	default:
		return v
	}
}

// camel is the name of a document as part of a resource's: ChangesFailed for
// sslvpn-changes-failed.
func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.TrimPrefix(name, "sslvpn-"), "-") {
		b.WriteRune(unicode.ToUpper(rune(part[0])))
		b.WriteString(part[1:])
	}
	return b.String()
}

// render writes a tree as YAML, indented as the properties of a resource, with the values
// that the stack gives.
func render(v any) (string, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("write YAML: %w", err)
	}
	text := strings.NewReplacer(
		"'"+stackProject+"'", "{ 'Fn::GetAtt': [LogProject, Name] }", "'"+stackRegion+"'", "{ Ref: 'ALIYUN::Region' }", "'"+stackPolicy+"'", "{ Ref: AlertActionPolicy }",
		"{Name: ", "{ Name: ", "{Enable: ", "{ Enable: ", ": text}", ": text }", ": long}", ": long }", ": true}", ": true }", // as in the rest of the file
		"hours >= "+stackHours, "{ 'Fn::Sub': 'hours >= ${ApprovalAlertHours}' }",
	).Replace(out.String())
	var indented strings.Builder
	for line := range strings.Lines(text) {
		indented.WriteString("      " + line)
	}
	return indented.String(), nil
}
