package storedtest

import (
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// namesOf lists the names of a type's JSON, sorted: "origin", "origin.kind",
// "problems[].rule", "supersededBy{}.x". Types that render themselves are
// values, whatever they have.
func namesOf(t reflect.Type) []string {
	out := map[string]bool{}
	walkType(t, "", out)
	return slices.Sorted(maps.Keys(out))
}

func walkType(t reflect.Type, at string, out map[string]bool) {
	if ownForm(t) {
		return
	}
	if inner, mark := container(t); inner != nil {
		walkType(inner, at+mark, out)
		return
	}
	for name, field := range fieldsOf(t) {
		out[join(at, name)] = true
		walkType(field, join(at, name), out)
	}
}

// container returns the type of what a pointer, a list or a map has, and how a path
// shows it; nil for any other type.
func container(t reflect.Type) (inner reflect.Type, mark string) {
	kind := t.Kind()
	if kind == reflect.Pointer {
		return t.Elem(), ""
	}
	if kind == reflect.Slice || kind == reflect.Array {
		return t.Elem(), "[]"
	}
	if kind == reflect.Map {
		return t.Elem(), "{}"
	}
	return nil, ""
}

// partsOf lists what the JSON value of a container has.
func partsOf(t reflect.Type, v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case map[string]any:
		if t.Kind() == reflect.Map {
			return slices.Collect(maps.Values(v))
		}
	}
	return []any{v} // of a pointer
}

// ownForm reports whether a type renders itself.
func ownForm(t reflect.Type) bool {
	for _, t := range []reflect.Type{t, reflect.PointerTo(t)} {
		if t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[json.Unmarshaler]()) ||
			t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) || t.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
			return true
		}
	}
	return false
}

// fieldsOf gives the fields of a struct by their JSON names, those of embedded
// structs included; none for any other type.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	if t.Kind() != reflect.Struct {
		return out
	}
	for field := range t.Fields() {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case tag == "-":
		case field.Anonymous && tag == "" && inner.Kind() == reflect.Struct && !ownForm(inner):
			maps.Copy(out, fieldsOf(inner))
		case !field.IsExported():
		case tag == "":
			out[field.Name] = field.Type
		default:
			out[tag] = field.Type
		}
	}
	return out
}

// namesIn lists the names in a document of a type, and whether each has a value
// somewhere. What lies below a type that renders itself, and the keys of maps,
// are data.
func namesIn(t *testing.T, typ reflect.Type, data []byte) map[string]bool {
	t.Helper()
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatalf("the sample is no JSON: %v", err)
	}
	out := map[string]bool{}
	walkValue(typ, doc, "", out)
	return out
}

func walkValue(t reflect.Type, v any, at string, out map[string]bool) {
	if t == nil || ownForm(t) {
		return
	}
	if inner, mark := container(t); inner != nil {
		for _, part := range partsOf(t, v) {
			walkValue(inner, part, at+mark, out)
		}
		return
	}
	fields := fieldsOf(t)
	object, _ := v.(map[string]any)
	for name, value := range object {
		path := join(at, name)
		out[path] = out[path] || !empty(value)
		walkValue(fields[name], value, path, out)
	}
}

func empty(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	default:
		return v == nil || reflect.ValueOf(v).IsZero()
	}
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// addUnknown puts an unknown field into every object that is a struct's.
func addUnknown(t reflect.Type, v any) {
	if ownForm(t) {
		return
	}
	if inner, _ := container(t); inner != nil {
		for _, part := range partsOf(t, v) {
			addUnknown(inner, part)
		}
		return
	}
	object, ok := v.(map[string]any)
	if !ok || t.Kind() != reflect.Struct {
		return
	}
	for name, field := range fieldsOf(t) {
		addUnknown(field, object[name])
	}
	object["ofANewerVersion"] = map[string]any{"x": []any{1}}
}

// versions sorts versions by their numbers: v1, v1.1, v1.2, v1.10, v2.
func versions[T any](m map[string]T) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int { return slices.Compare(numbers(a), numbers(b)) })
}

func numbers(version string) []int {
	var out []int
	for part := range strings.SplitSeq(strings.TrimPrefix(version, "v"), ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = -1
		}
		out = append(out, n)
	}
	return out
}
