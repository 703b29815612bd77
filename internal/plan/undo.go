package plan

import "sslvpnchange/internal/change"

// Undo returns the patch that restores the settings that a change altered and that
// still have the values that it set. A setting that has another value now, or that
// had none before, is left as it is: for those, From is the current value and To the
// value before the change.
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
