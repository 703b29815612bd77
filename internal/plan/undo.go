package plan

import "sslvpnchange/internal/change"

// Undo is what sets back the settings that a change altered and that still have
// the value it gave them. What has another value by now, or had none before, is
// left as it is: From is then what it is now, and To what it was before.
func Undo(done []change.Difference, now change.Settings) (back change.Patch, left []change.Difference) {
	back = change.Patch{}
	for _, d := range done {
		if d.From.IsZero() || !change.Equal(d.Field, now[d.Field], d.To) {
			left = append(left, change.Difference{Field: d.Field, From: now[d.Field], To: d.From})
			continue
		}
		back[d.Field] = d.From
	}
	return back, left
}
