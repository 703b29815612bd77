package wording

import (
	"slices"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/chat"
)

// Effects says what differences do to connected clients and their traffic, as plain
// lines.
func (w Writer) Effects(diffs []change.Difference) []string {
	var t chat.Text
	w.effects(&t, diffs)
	out := make([]string, 0, len(t.Lines))
	for _, line := range t.Lines {
		out = append(out, PlainLine(line))
	}
	return out
}

// effects warns of differences that disconnect clients or keep them out, and of
// traffic that is not encrypted.
func (w Writer) effects(t *chat.Text, diffs []change.Difference) {
	switch {
	case slices.ContainsFunc(diffs, keepsOut):
		w.add(t, w.phrases.keepsOut, nil)
	case slices.ContainsFunc(diffs, keepsOlderOut):
		w.add(t, w.phrases.keepsOlderOut, nil)
	case slices.ContainsFunc(diffs, func(d change.Difference) bool { return d.Field.Setting().Disconnects }):
		w.add(t, w.phrases.disconnects, nil)
	}
	w.clientLines(t, diffs)
	for _, d := range diffs {
		if d.Unencrypted() {
			w.add(t, w.phrases.unencrypted, args{"setting", string(d.Field) + "=" + value(d.To)})
		}
		if d.Compresses() {
			w.add(t, w.phrases.compresses, args{"setting", string(d.Field) + "=" + value(d.To)})
		}
	}
}

// clientLines lists the lines of the clients' configuration file that have to change.
func (w Writer) clientLines(t *chat.Text, diffs []change.Difference) {
	for _, d := range diffs {
		var line chat.Line
		for i, l := range d.ClientLines() {
			next := w.phrases.orLine
			switch {
			case i > 0:
			case l.From == "":
				next = w.phrases.newLine
			default:
				next = w.phrases.oldLine
			}
			line = append(line, render(w.lang, next, nil)...)
			if l.From != "" {
				line = append(line, chat.Code(l.From), chat.Words(" → "))
			}
			line = append(line, chat.Code(l.To))
		}
		if len(line) > 0 {
			t.Lines = append(t.Lines, line)
		}
	}
}

// reconnects says how clients reconnect to a server that was changed.
func (w Writer) reconnects(t *chat.Text, diffs []change.Difference) {
	switch {
	case slices.ContainsFunc(diffs, keepsOut):
		w.add(t, w.phrases.reconnects, nil)
	case slices.ContainsFunc(diffs, keepsOlderOut):
		w.add(t, w.phrases.olderReconnect, nil)
	}
	w.clientLines(t, diffs)
}

// keepsOut reports whether clients cannot return with their old configuration file, and
// keepsOlderOut whether only older ones cannot.
func keepsOut(d change.Difference) bool      { return len(d.ClientLines()) > 0 && !d.Negotiated() }
func keepsOlderOut(d change.Difference) bool { return len(d.ClientLines()) > 0 && d.Negotiated() }
