package change

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Value is the value of one setting: a text, a whole number or a flag. Values are
// comparable with ==. The zero Value means "not set" and renders as null.
type Value struct{ v any }

// Text returns a text value.
func Text(s string) Value { return Value{s} }

// Number returns a whole-number value.
func Number(n int) Value { return Value{n} }

// Flag returns a boolean value.
func Flag(b bool) Value { return Value{b} }

// IsZero reports whether the value is not set.
func (v Value) IsZero() bool { return v.v == nil }

// Text returns the text, and whether the value is one.
func (v Value) Text() (string, bool) { s, ok := v.v.(string); return s, ok }

// Number returns the number, and whether the value is one.
func (v Value) Number() (int, bool) { n, ok := v.v.(int); return n, ok }

// Flag returns the flag, and whether the value is one.
func (v Value) Flag() (bool, bool) { b, ok := v.v.(bool); return b, ok }

// String renders the value as the API reads it: bare text, decimal number,
// true or false; "" when not set.
func (v Value) String() string {
	switch x := v.v.(type) {
	case string:
		return x
	case int:
		return strconv.Itoa(x)
	case bool:
		return strconv.FormatBool(x)
	default:
		return ""
	}
}

// MarshalJSON renders the value as a JSON string, number, boolean or null.
func (v Value) MarshalJSON() ([]byte, error) { return json.Marshal(v.v) }

// UnmarshalJSON reads a JSON string, whole number, boolean or null.
func (v *Value) UnmarshalJSON(data []byte) error {
	var x any
	if err := json.Unmarshal(data, &x); err != nil {
		return err
	}
	switch x := x.(type) {
	case nil:
		v.v = nil
	case string, bool:
		v.v = x
	case float64:
		n := int(x)
		if float64(n) != x {
			return fmt.Errorf("%v is not a whole number", x)
		}
		v.v = n
	default:
		return fmt.Errorf("a setting is a string, a whole number or a boolean, not %s", data)
	}
	return nil
}
