package plan

import (
	"maps"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Undoing is what it takes to undo a change.
type Undoing struct {
	// Patch has the settings that go back.
	Patch change.Patch
	// Left are the settings that stay as they are, with From as the current value
	// and To as the value before the change.
	Left []change.Difference
	// Unaccepted are those of Left whose former value the API does not accept, or
	// not together with the other settings. The others have another value now, or
	// had none before.
	Unaccepted []change.Field
}

// Undo plans to restore the settings that a change altered and that still have the
// values that it set. A setting that cannot go back does not keep the others from
// going back. MaxConnections is as in Input.
func Undo(done []change.Difference, now change.Settings, maxConnections int) Undoing {
	u := Undoing{Patch: change.Patch{}}
	for _, d := range done {
		switch v, ok := change.Restorable(d.Field, d.From); {
		case d.From.String() == "", !change.Equal(d.Field, now[d.Field], d.To):
		case !ok:
			u.Unaccepted = append(u.Unaccepted, d.Field)
		default:
			u.Patch[d.Field] = v
		}
	}
	u.Unaccepted = append(u.Unaccepted, dropConflicts(u.Patch, now, maxConnections)...)
	for _, d := range done {
		if _, ok := u.Patch[d.Field]; !ok {
			u.Left = append(u.Left, change.Difference{Field: d.Field, From: now[d.Field], To: d.From})
		}
	}
	return u
}

// dropConflicts removes from a patch the settings that are refused together with
// the server's other settings, and returns them.
func dropConflicts(p change.Patch, now change.Settings, maxConnections int) []change.Field {
	before := maps.Clone(p)
	for {
		problems := change.CheckMerged(p, now.With(p), maxConnections)
		if len(problems) == 0 {
			break
		}
		size := len(p)
		at := change.Field(problems[0].Path)
		for _, f := range p.Fields() {
			// Which of the settings for signing in is wrong, is not known.
			if f == at || at.Setting().Group == change.GroupSignIn && f.Setting().Group == change.GroupSignIn {
				delete(p, f)
			}
		}
		if len(p) == size {
			break // of none of them
		}
	}
	var dropped []change.Field
	for _, f := range before.Fields() {
		if _, ok := p[f]; !ok {
			dropped = append(dropped, f)
		}
	}
	return dropped
}
