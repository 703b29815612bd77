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
	switch t.Kind() {
	case reflect.Pointer:
		walkType(t.Elem(), at, out)
	case reflect.Slice, reflect.Array:
		walkType(t.Elem(), at+"[]", out)
	case reflect.Map:
		walkType(t.Elem(), at+"{}", out)
	case reflect.Struct:
		for name, field := range fieldsOf(t) {
			out[join(at, name)] = true
			walkType(field, join(at, name), out)
		}
	default:
	}
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
// structs included.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
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
	switch t.Kind() {
	case reflect.Pointer:
		walkValue(t.Elem(), v, at, out)
	case reflect.Slice, reflect.Array:
		list, _ := v.([]any)
		for _, inner := range list {
			walkValue(t.Elem(), inner, at+"[]", out)
		}
	case reflect.Map:
		object, _ := v.(map[string]any)
		for _, inner := range object {
			walkValue(t.Elem(), inner, at+"{}", out)
		}
	case reflect.Struct:
		fields := fieldsOf(t)
		object, _ := v.(map[string]any)
		for name, inner := range object {
			path := join(at, name)
			out[path] = out[path] || !empty(inner)
			walkValue(fields[name], inner, path, out)
		}
	default:
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
func addUnknown(t reflect.Type, doc any) {
	if ownForm(t) {
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		addUnknown(t.Elem(), doc)
	case reflect.Slice, reflect.Array:
		list, _ := doc.([]any)
		for _, inner := range list {
			addUnknown(t.Elem(), inner)
		}
	case reflect.Map:
		object, _ := doc.(map[string]any)
		for _, inner := range object {
			addUnknown(t.Elem(), inner)
		}
	case reflect.Struct:
		object, ok := doc.(map[string]any)
		if !ok {
			return
		}
		for name, field := range fieldsOf(t) {
			addUnknown(field, object[name])
		}
		object["ofANewerVersion"] = map[string]any{"x": []any{1}}
	default:
	}
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
