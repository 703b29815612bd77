package events

import (
	"bytes"
	"encoding/json"
	"strings"
)

// text reads a JSON string, and whatever else the platform may put in its
// place: a number or boolean as it is written, null as "", a list of strings
// joined with ",".
type text string

// UnmarshalJSON fails on objects and on lists of anything but strings.
func (t *text) UnmarshalJSON(raw []byte) error {
	switch raw = bytes.TrimSpace(raw); raw[0] {
	case '[':
		var list []string
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
		*t = text(strings.Join(list, ","))
		return nil
	case '"', '{':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*t = text(s)
		return nil
	case 'n':
		*t = ""
		return nil
	default:
		*t = text(raw)
		return nil
	}
}
