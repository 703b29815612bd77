package storedtest

import (
	"fmt"
	"reflect"
)

// difference names the first place where two values differ, "" when none is
// found.
func difference(got, want reflect.Value, at string) string {
	switch {
	case !got.IsValid() && !want.IsValid():
		return ""
	case !got.IsValid() || !want.IsValid() || got.Type() != want.Type():
		return differs(got, want, at)
	case !got.CanInterface() || reflect.DeepEqual(got.Interface(), want.Interface()):
		return ""
	}
	for _, p := range pairs(got, want) {
		if d := difference(p.got, p.want, at+p.at); d != "" {
			return d
		}
	}
	return differs(got, want, at)
}

// pair is one part of two values.
type pair struct {
	got, want reflect.Value
	at        string
}

// pairs lists the parts of two values of one type; none for values that are
// compared as a whole.
func pairs(got, want reflect.Value) []pair {
	var out []pair
	switch kind := got.Kind(); {
	case ownForm(got.Type()) && kind == reflect.Struct: // such as a time
	case kind == reflect.Struct:
		for i := range got.NumField() {
			out = append(out, pair{got.Field(i), want.Field(i), "." + got.Type().Field(i).Name})
		}
	case (kind == reflect.Slice || kind == reflect.Array) && got.Len() == want.Len():
		for i := range got.Len() {
			out = append(out, pair{got.Index(i), want.Index(i), fmt.Sprintf("[%d]", i)})
		}
	case kind == reflect.Map:
		for _, key := range append(want.MapKeys(), got.MapKeys()...) {
			out = append(out, pair{got.MapIndex(key), want.MapIndex(key), fmt.Sprintf("[%v]", key)})
		}
	case (kind == reflect.Pointer || kind == reflect.Interface) && !got.IsNil() && !want.IsNil():
		out = append(out, pair{got.Elem(), want.Elem(), ""})
	}
	return out
}

func differs(got, want reflect.Value, at string) string {
	return fmt.Sprintf("%s is %+v, want %+v", at, got, want)
}
