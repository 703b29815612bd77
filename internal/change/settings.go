package change

import "maps"

// Settings are the values of a server as the API reports them. A setting that
// the API does not report is absent.
type Settings map[Field]Value

// Patch holds the settings that a change asks for, and only those.
type Patch map[Field]Value

// Difference is one setting that a patch would alter, or did alter.
type Difference struct {
	Field Field `json:"field"`
	From  Value `json:"from"`
	To    Value `json:"to"`
}

// With returns the settings as they would be after the patch. The receiver
// stays as it is.
func (s Settings) With(p Patch) Settings {
	out := make(Settings, len(s)+len(p))
	maps.Copy(out, s)
	maps.Copy(out, p)
	return out
}
