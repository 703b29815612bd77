package change

import (
	"encoding/json"
	"fmt"
	"maps"
)

// Fields lists the settings that the patch holds, in the order of Fields().
func (p Patch) Fields() []Field {
	var out []Field
	for _, f := range Fields() {
		if _, ok := p[f]; ok {
			out = append(out, f)
		}
	}
	return out
}

// Merge returns the patch with the later one on top: where both set a field,
// the later value stays. Both patches stay as they are.
func (p Patch) Merge(later Patch) Patch {
	out := make(Patch, len(p)+len(later))
	maps.Copy(out, p)
	maps.Copy(out, later)
	return out
}

// Equal tells whether both patches set the same fields to the same values, by
// the meaning of Equal.
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

// Normalize returns a copy with every value as Normalize makes it; nil stays
// nil.
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

// Diff lists what the patch would really alter, in the order of Fields().
func Diff(before Settings, p Patch) []Difference {
	var out []Difference
	for _, f := range p.Fields() {
		if !Equal(f, before[f], p[f]) {
			out = append(out, Difference{Field: f, From: before[f], To: p[f]})
		}
	}
	return out
}

// Disconnects tells whether altering the field is likely to disconnect the
// server's clients: everything but the name. The vendor publishes no such list;
// this is the careful reading, since anything but a name makes the gateway
// configure itself anew.
func (f Field) Disconnects() bool { return f != Name }

// UnmarshalJSON reads settings that MarshalJSON wrote, and refuses fields and
// types that no server has. A null is a setting that is not set.
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

// UnmarshalJSON reads a patch that MarshalJSON wrote, and refuses fields and
// types that no request has.
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
