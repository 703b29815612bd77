package mcp

import (
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// serverPattern is what can name a server: a name of the policy, an id, or region/id.
const serverPattern = `^[\p{L}\p{Nd}][\p{L}\p{Nd}._-]*(/vss-[a-z0-9-]+)?$`

// object is a schema of arguments. Arguments that it does not name are refused.
func object(properties map[string]*jsonschema.Schema, required ...string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "object", Properties: properties, Required: required, AdditionalProperties: nothing()}
}

// nothing is a schema that no value satisfies.
func nothing() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

// text is a schema of texts of a length.
func text(description string, most int) *jsonschema.Schema {
	least := 1
	return &jsonschema.Schema{Type: "string", Description: description, MinLength: &least, MaxLength: &most}
}

// matching is a schema of texts of a form.
func matching(description, pattern string, most int, examples ...any) *jsonschema.Schema {
	s := text(description, most)
	s.Pattern, s.Examples = pattern, examples
	return s
}

// oneOf is a schema of the words of a list.
func oneOf(description string, known ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string", Description: description}
	for _, word := range known {
		s.Enum = append(s.Enum, word)
	}
	return s
}

// count is a schema of whole numbers from 1.
func count(description string, most float64) *jsonschema.Schema {
	least := 1.0
	return &jsonschema.Schema{Type: "integer", Description: description, Minimum: &least, Maximum: &most}
}

func serverArgument(description string) *jsonschema.Schema {
	return matching(description, serverPattern, 128, "office-hangzhou", "cn-hangzhou/vss-bp18q7hzj6largv4vk2fe")
}

func changeArgument(description string) *jsonschema.Schema {
	return matching(description, `^[0-9]{8}-[a-z0-9]{10,26}(-[0-9]{1,4})?$`, 64, "20261122-7f3akq2cd2kq3mzr5w7bxa4nhc")
}

func timeArgument(description string) *jsonschema.Schema {
	return matching(description, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$`, 25, "2026-11-28T22:00:00+08:00")
}

// settings is a schema of settings and their values, as the domain has them.
func settings(description string) *jsonschema.Schema {
	const maxValue = 512
	properties := map[string]*jsonschema.Schema{}
	for _, f := range change.Fields() {
		about := f.Setting()
		s := &jsonschema.Schema{Type: string(about.Kind), Description: about.Advice, Examples: []any{about.Example}}
		switch {
		case f == change.Proto:
			s = oneOf(about.Advice, "UDP", "TCP")
		case f == change.Cipher:
			s = oneOf(about.Advice, change.Ciphers()...)
		case f == change.Port:
			s = count(about.Advice, 65535)
		case about.Kind == change.KindFlag:
			s.Examples = nil
		case about.Kind == change.KindText:
			most := maxValue
			s.MaxLength = &most
		}
		properties[string(f)] = s
	}
	least := 1
	out := object(properties)
	out.Description, out.MinProperties = description, &least
	return out
}

func planSchema() *jsonschema.Schema {
	return object(map[string]*jsonschema.Schema{
		"server":   serverArgument("The server: its name as the tool servers has it, its id, or region/id."),
		"settings": settings("The settings to change, and their new values. Name only what shall change."),
		"expect": settings("Values that the server must still have when the change is applied, beside those that are planned: " +
			"for these the plan itself is expected."),
		"confirm": matching("Undo the change unless a person confirms it within this time after it was applied: 10m, 1h30m, or 10m proof to undo it early "+
			"when the server refuses clients. Recommended for everything that disconnects people.", `^[0-9hms]*( ?proof)?$`, 32, "10m", "10m proof"),
		"when":      matching("Wait with the change until few clients are connected: idle(5) is fewer than 5.", `^idle\([1-9][0-9]{0,4}\)$`, 12, "idle(5)"),
		"proof":     {Type: "boolean", Description: "Probe the server before and after the change, as a client would."},
		"notBefore": timeArgument("Not before this time, with its offset: choose a quiet hour. The change waits; people can approve it meanwhile."),
		"expiresAt": timeArgument("Not after this time, with its offset. Default: 24 hours after the change may be sent first."),
	}, "server", "settings")
}
