package change

import (
	"encoding/json"
	"fmt"
	"maps"
)

// Fields lists the settings that the patch sets, in the order of Fields().
func (p Patch) Fields() []Field {
	var out []Field
	for _, f := range Fields() {
		if _, ok := p[f]; ok {
			out = append(out, f)
		}
	}
	return out
}

// Merge returns the patch combined with a later one: where both set a field, the
// later value wins. Neither patch is changed.
func (p Patch) Merge(later Patch) Patch {
	out := make(Patch, len(p)+len(later))
	maps.Copy(out, p)
	maps.Copy(out, later)
	return out
}

// Equal reports whether both patches set the same fields to the same values, by
// the function Equal.
func (p Patch) Equal(other Patch) bool {
	if len(p) != len(other) {
		return false
	}
	for f, v := range p {
		w, ok := other[f]
		if !ok || !Equal(f, v, w) {
			return false
		}
	}
	return true
}

// Normalize returns a copy with every value normalized by the function Normalize;
// nil for nil.
func (p Patch) Normalize() Patch {
	if p == nil {
		return nil
	}
	out := make(Patch, len(p))
	for f, v := range p {
		out[f] = Normalize(f, v)
	}
	return out
}

// Diff lists the settings that the patch would alter, in the order of Fields().
func Diff(before Settings, p Patch) []Difference {
	var out []Difference
	for _, f := range p.Fields() {
		if !Equal(f, before[f], p[f]) {
			out = append(out, Difference{Field: f, From: before[f], To: p[f]})
		}
	}
	return out
}

// Synchronous reports whether the API completes the modification before it answers.
func (p Patch) Synchronous() bool {
	fields := p.Fields()
	return len(fields) == 1 && fields[0].Setting().Synchronous
}

// UnmarshalJSON reads settings that MarshalJSON wrote. It refuses unknown fields
// and values of the wrong type. A null is a setting that is not set.
func (s *Settings) UnmarshalJSON(data []byte) error {
	var m map[Field]Value
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	maps.DeleteFunc(m, func(_ Field, v Value) bool { return v.IsZero() })
	if err := stored(m); err != nil {
		return err
	}
	*s = m
	return nil
}

// UnmarshalJSON reads a patch that MarshalJSON wrote. It refuses unknown fields and
// values of the wrong type.
func (p *Patch) UnmarshalJSON(data []byte) error {
	var m map[Field]Value
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	if err := stored(m); err != nil {
		return err
	}
	*p = m
	return nil
}

func stored(m map[Field]Value) error {
	for _, p := range checkKinds(m) {
		return fmt.Errorf("%s: %s", p.Path, p.Message)
	}
	return nil
}
