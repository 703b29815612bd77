package index

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Row is what the index has of one change that ended.
type Row struct {
	ID      string
	EndedAt time.Time // whole milliseconds, as all times of a row
	Status  change.Status

	change.Target

	Door       change.OriginKind
	Actor      string // the verified account, as the origin names it
	Person     string // by the policy; "" without a policy
	Assistant  bool   // the person is an assistant
	ApprovedBy []string
	Changed    []change.Difference // texts may be cut
	More       int                 // differences that Changed leaves out
	AcceptedAt time.Time
	DueAt      time.Time
	Undo       string    // the change that undoes it unless somebody confirms it
	UndoBy     time.Time // when Undo was to become due
	Undoes     string
	Code       string // why it did not end well
}

// RowOf is the row of a record.
func RowOf(rec record.Record) Row {
	r := Row{
		ID: rec.ID, EndedAt: milli(rec.FinishedAt), Status: rec.Status,
		Door: rec.Origin.Kind, Actor: rec.Origin.Actor, Person: rec.Origin.Person, Assistant: rec.Origin.Assistant, Changed: rec.Changed,
		AcceptedAt: milli(rec.AcceptedAt), DueAt: milli(rec.DueAt), Undoes: rec.Undoes,
	}
	if t := (change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}); t.Valid() {
		r.Target = t
	}
	for _, v := range rec.Votes {
		if v.Kind == change.Approval && !slices.Contains(r.ApprovedBy, v.Person) {
			r.ApprovedBy = append(r.ApprovedBy, v.Person)
		}
	}
	if rec.Undo != nil {
		r.Undo, r.UndoBy = rec.Undo.ID, milli(rec.Undo.DueAt)
	}
	if rec.Error != nil {
		r.Code = rec.Error.Code
	}
	return r.short()
}

// milli cuts a time to what a row stores of it.
func milli(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMilli(t.UnixMilli()).UTC()
}

// The most characters of texts in a row whose text is too long otherwise.
const (
	maxValue = 24
	maxName  = 64
)

// short is the row with as much of it as its key has room for.
func (r Row) short() Row {
	if !r.fits() {
		r = r.shortened()
	}
	if len(r.Changed) == 0 {
		r.Changed = nil
	}
	if len(r.ApprovedBy) == 0 {
		r.ApprovedBy = nil
	}
	return r
}

func (r Row) shortened() Row {
	r.Changed, r.ApprovedBy = slices.Clone(r.Changed), slices.Clone(r.ApprovedBy)
	for i, d := range r.Changed {
		r.Changed[i].From, r.Changed[i].To = cutValue(d.From), cutValue(d.To)
	}
	texts := []*string{&r.Code, &r.Actor, &r.Person, &r.Undo, &r.Undoes}
	for _, text := range texts {
		*text = cut(*text, maxName)
	}
	for i := range r.ApprovedBy {
		r.ApprovedBy[i] = cut(r.ApprovedBy[i], maxName)
	}
	for !r.fits() {
		switch {
		case len(r.Changed) > 0:
			r.Changed = r.Changed[:len(r.Changed)-1]
			r.More++
		case len(r.ApprovedBy) > 0:
			r.ApprovedBy = r.ApprovedBy[:len(r.ApprovedBy)-1]
		case len(texts) > 0: // of characters that JSON escapes
			*texts[0], texts = "", texts[1:]
		default:
			return r // the rest is bounded, and fits
		}
	}
	return r
}

func cutValue(v change.Value) change.Value {
	if text, ok := v.Text(); ok {
		return change.Text(cut(text, maxValue))
	}
	return v
}

// cut shortens a text to a number of bytes, and says so.
func cut(text string, most int) string {
	const dots = "…"
	if len(text) <= most {
		return text
	}
	text = text[:most-len(dots)]
	for !utf8.ValidString(text) && text != "" {
		text = text[:len(text)-1]
	}
	return text + dots
}

// compare orders rows as their keys list: the newest first.
func compare(a, b Row) int {
	if c := b.EndedAt.Compare(a.EndedAt); c != 0 {
		return c
	}
	return strings.Compare(a.ID+".", b.ID+".")
}
