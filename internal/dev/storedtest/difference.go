package storedtest

import (
	"fmt"
	"reflect"
)

// difference names the first place where two values differ, "" when none is
// found.
func difference(got, want reflect.Value, at string) string {
	if !got.IsValid() || !want.IsValid() || got.Type() != want.Type() {
		if !got.IsValid() && !want.IsValid() {
			return ""
		}
		return differs(got, want, at)
	}
	if !got.CanInterface() || reflect.DeepEqual(got.Interface(), want.Interface()) {
		return ""
	}
	if ownForm(got.Type()) && got.Kind() == reflect.Struct {
		return differs(got, want, at)
	}
	switch got.Kind() {
	case reflect.Struct:
		for i := range got.NumField() {
			if d := difference(got.Field(i), want.Field(i), at+"."+got.Type().Field(i).Name); d != "" {
				return d
			}
		}
	case reflect.Slice, reflect.Array:
		if got.Kind() == reflect.Slice && (got.Len() != want.Len() || got.IsNil() != want.IsNil()) {
			break
		}
		for i := range got.Len() {
			if d := difference(got.Index(i), want.Index(i), fmt.Sprintf("%s[%d]", at, i)); d != "" {
				return d
			}
		}
	case reflect.Map:
		for _, key := range append(want.MapKeys(), got.MapKeys()...) {
			if d := difference(got.MapIndex(key), want.MapIndex(key), fmt.Sprintf("%s[%v]", at, key)); d != "" {
				return d
			}
		}
	case reflect.Pointer, reflect.Interface:
		if !got.IsNil() && !want.IsNil() {
			return difference(got.Elem(), want.Elem(), at)
		}
	default:
	}
	return differs(got, want, at)
}

func differs(got, want reflect.Value, at string) string {
	return fmt.Sprintf("%s is %+v, want %+v", at, got, want)
}
