package openapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// methods in the order of the page.
func methods() []string { return []string{"GET", "HEAD", "POST"} }

// Render writes the description as a page in Markdown.
func (s *Spec) Render(w io.Writer) error {
	p := &page{doc: s.doc}
	p.line("# HTTP API")
	p.line("This page is made from [openapi.yaml](openapi.yaml) (OpenAPI 3.1): `go test ./internal/dev/openapi -update`. A test holds the function to it.")
	p.line("%s", strings.TrimSpace(s.doc.Info.Description))
	for _, path := range slices.Sorted(maps.Keys(s.doc.Paths.Map())) {
		ops := s.doc.Paths.Value(path).Operations()
		for _, method := range methods() {
			if op, ok := ops[method]; ok {
				p.operation(method, path, op)
			}
		}
	}
	p.line("## Problems")
	for _, name := range slices.Sorted(maps.Keys(s.doc.Components.Responses)) {
		r := s.doc.Components.Responses[name].Value
		p.line("### %s", name)
		p.line("%s The body: %s.", *r.Description, p.content(r.Content))
	}
	p.line("## Schemas")
	for _, name := range slices.Sorted(maps.Keys(s.doc.Components.Schemas)) {
		p.schema(name, s.doc.Components.Schemas[name])
	}
	_, err := io.WriteString(w, strings.TrimRight(p.out.String(), "\n")+"\n")
	return err
}

// page collects the text of a page.
type page struct {
	doc *openapi3.T
	out strings.Builder
}

// line adds a paragraph.
func (p *page) line(format string, args ...any) {
	fmt.Fprintf(&p.out, format+"\n\n", args...)
}

// table adds a table; none without rows.
func (p *page) table(head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(&p.out, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat(" --- |", len(head)))
	for _, row := range rows {
		for i := range row {
			row[i] = strings.ReplaceAll(strings.Join(strings.Fields(row[i]), " "), "|", "\\|")
		}
		fmt.Fprintf(&p.out, "| %s |\n", strings.Join(row, " | "))
	}
	p.out.WriteByte('\n')
}

func (p *page) operation(method, path string, op *openapi3.Operation) {
	p.line("## %s %s", method, path)
	p.line("%s", op.Summary)
	if op.Description != "" {
		p.line("%s", strings.TrimSpace(op.Description))
	}
	var params [][]string
	for _, ref := range op.Parameters {
		v := ref.Value
		params = append(params, []string{"`" + v.Name + "`", v.In, required(v.Required), v.Description + examples(v.Schema.Value.Examples)})
	}
	p.table([]string{"parameter", "in", "", "meaning"}, params)
	if op.RequestBody != nil {
		p.body(op.RequestBody.Value)
	}
	var rows [][]string
	var problems []string
	for _, status := range slices.Sorted(slices.Values(op.Responses.Keys())) {
		r := op.Responses.Value(status)
		if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
			problems = append(problems, "["+status+"](#"+strings.ToLower(name)+")")
			continue
		}
		rows = append(rows, []string{status, *r.Value.Description, p.content(r.Value.Content)})
	}
	p.table([]string{"status", "meaning", "body"}, rows)
	if len(problems) > 0 {
		p.line("Problems: %s.", strings.Join(problems, ", "))
	}
	for _, status := range op.Responses.Keys() {
		for _, media := range op.Responses.Value(status).Value.Content {
			p.example("The answer with "+status+":", media.Example)
		}
	}
}

func (p *page) body(b *openapi3.RequestBody) {
	p.line("The body: %s", strings.TrimSpace(b.Description+" "+p.content(b.Content)))
	for _, media := range b.Content {
		p.example("For example:", media.Example)
		for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
			p.example("For example:", media.Examples[name].Value.Value)
		}
	}
}

// content names media types and the schema of their bodies.
func (p *page) content(c openapi3.Content) string {
	types, schema := []string{}, ""
	for name, media := range c {
		types = append(types, "`"+name+"`")
		schema = p.typeOf(media.Schema)
	}
	slices.Sort(types)
	if len(types) == 0 {
		return "none"
	}
	return strings.Join(types, ", ") + ": " + schema
}

func (p *page) example(title string, value any) {
	if value == nil {
		return
	}
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return
	}
	p.line("%s\n\n```json\n%s\n```", title, data)
}

// schema adds a schema of the components.
func (p *page) schema(name string, ref *openapi3.SchemaRef) {
	p.line("### %s", name)
	v := ref.Value
	if v.Description != "" {
		p.line("%s", v.Description)
	}
	if file, ok := strings.CutPrefix(ref.Ref, "schema/"); ok {
		file, _, _ = strings.Cut(file, "#")
		p.line("JSON Schema: [%s](schema/%s).", file, file)
		return
	}
	if len(v.Properties) == 0 {
		p.line("%s.", p.typeOf(&openapi3.SchemaRef{Value: v}))
	}
	p.table([]string{"member", "", "type", "meaning"}, p.members("", v))
}

// members lists the members of an object, and those of objects in it that have no name
// of their own.
func (p *page) members(prefix string, v *openapi3.Schema) [][]string {
	var rows [][]string
	names := slices.Collect(maps.Keys(v.Properties))
	slices.SortFunc(names, func(a, b string) int {
		ra, rb := slices.Index(v.Required, a), slices.Index(v.Required, b)
		switch {
		case ra >= 0 && rb >= 0:
			return ra - rb
		case ra >= 0:
			return -1
		case rb >= 0:
			return 1
		}
		return cmp.Compare(a, b)
	})
	for _, name := range names {
		ref := v.Properties[name]
		rows = append(rows, []string{"`" + prefix + name + "`", required(slices.Contains(v.Required, name)), p.typeOf(ref), describe(ref)})
		switch inner := ref.Value; {
		case ref.Ref != "":
		case len(inner.Properties) > 0:
			rows = append(rows, p.members(prefix+name+".", inner)...)
		case inner.Items != nil && inner.Items.Ref == "":
			rows = append(rows, p.members(prefix+name+"[].", inner.Items.Value)...)
		}
	}
	return rows
}

// describe is what a member means; of a named schema, the schema says it.
func describe(ref *openapi3.SchemaRef) string {
	if ref.Ref != "" {
		return ""
	}
	return ref.Value.Description
}

// typeOf names a type, as a link where it is a schema of the components.
func (p *page) typeOf(ref *openapi3.SchemaRef) string {
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok {
		return "[" + name + "](#" + strings.ToLower(name) + ")"
	}
	v := ref.Value
	switch {
	case v.Const != nil:
		return fmt.Sprintf("`%v`", v.Const)
	case len(v.Enum) > 0:
		words := make([]string, len(v.Enum))
		for i, word := range v.Enum {
			words[i] = fmt.Sprintf("`%v`", word)
		}
		return strings.Join(words, ", ")
	case len(v.AnyOf) > 0:
		parts := make([]string, len(v.AnyOf))
		for i, one := range v.AnyOf {
			parts[i] = p.typeOf(one)
		}
		return strings.Join(parts, " or ")
	case len(v.Properties) == 1:
		for name, member := range v.Properties {
			return "`{\"" + name + "\": …}`, " + p.typeOf(member)
		}
		return ""
	case v.Items != nil:
		return "list of " + p.typeOf(v.Items)
	case v.Type != nil:
		text := strings.Join(v.Type.Slice(), " or ")
		if v.Format != "" {
			text += " (" + v.Format + ")"
		}
		return text
	}
	return "any"
}

func required(is bool) string {
	if is {
		return "required"
	}
	return ""
}

func examples(all []any) string {
	if len(all) == 0 {
		return ""
	}
	words := make([]string, len(all))
	for i, one := range all {
		words[i] = fmt.Sprintf("`%v`", one)
	}
	return " Such as " + strings.Join(words, ", ") + "."
}
