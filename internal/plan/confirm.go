package plan

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// RuleCannotBeUndone refuses a change that needs a confirmation and could not be
// undone.
const RuleCannotBeUndone = "cannot-be-undone"

// RuleUndoConflict refuses an undo that the API would not accept.
const RuleUndoConflict = "undo-conflict"

// RuleConfirmed is the rule of an undo of a change that somebody confirmed.
const RuleConfirmed = "confirmed"

// confirmed is the outcome of an undo of a change that somebody confirmed.
func confirmed(undo change.Change, v change.Vote) Outcome {
	return Outcome{ID: undo.ID, Status: change.Cancelled, Votes: []change.Vote{v}, Problems: []change.Problem{{
		Rule: RuleConfirmed, Message: v.Person + " confirmed the change " + undo.Undoes.Of + because(v.Reason),
		Hint: "there is nothing to do: the change stays",
	}}}
}

// resolveUndo gives an undo the settings that it restores: those that still have the
// values of the change that it undoes. If the server cannot be read, it restores all
// of them.
func resolveUndo(in Input, turn change.Settings, c change.Change) change.Change {
	if c.Undoes != nil && in.Readable {
		c.Patch = Undo(c.Undoes.Done, turn, in.MaxConnections).Patch
	}
	return c
}

// checkUndo checks that an undo restores something, if anything of its change is left.
func checkUndo(in Input, turn change.Settings, c change.Change) []change.Problem {
	if !in.Readable || len(c.Patch) > 0 {
		return nil
	}
	u := Undo(c.Undoes.Done, turn, in.MaxConnections)
	if len(u.Unaccepted) == 0 {
		return nil
	}
	return []change.Problem{{
		Rule: RuleUndoConflict, Message: "the API would not accept the former value of " + names(u.Unaccepted) + " together with the server's other settings",
		Hint: "set the values that you want with apply",
	}}
}

func names(fields []change.Field) string {
	var out []string
	for _, f := range fields {
		out = append(out, string(f))
	}
	return strings.Join(out, ", ")
}

// checkConfirm checks that a change which needs a confirmation can be undone as a
// whole.
func checkConfirm(turn change.Settings, c change.Change, maxConnections int) []change.Problem {
	if c.Confirm.IsZero() {
		return nil
	}
	u := Undo(change.Diff(turn, c.Patch), turn.With(c.Patch), maxConnections)
	if len(u.Left) == 0 {
		return nil
	}
	var left []change.Field
	for _, d := range u.Left {
		left = append(left, d.Field)
	}
	return []change.Problem{{
		Path: "confirm", Rule: RuleCannotBeUndone,
		Message: "the API would not accept the present value of " + names(left) + " again, so the change could not be undone",
		Hint:    "leave out confirm, or leave these settings to another change",
	}}
}
