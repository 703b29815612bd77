package change

import "maps"

// Settings are the values of a server as the API reports them. A setting that
// the API does not report is absent.
type Settings map[Field]Value

// Patch contains the settings that a change sets, and only those.
type Patch map[Field]Value

// Difference is one setting that a patch would alter, or has altered.
type Difference struct {
	Field Field `json:"field"`
	From  Value `json:"from"`
	To    Value `json:"to"`
}

// With returns the settings as they would be after the patch. The receiver is not
// changed.
func (s Settings) With(p Patch) Settings {
	out := make(Settings, len(s)+len(p))
	maps.Copy(out, s)
	maps.Copy(out, p)
	return out
}
