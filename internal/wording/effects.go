package wording

import (
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
)

// Effects says what differences do to connected clients and their traffic, as plain
// lines. What is not known of it is nil.
func (w Writer) Effects(diffs []change.Difference, known *impact.Impact) []string {
	var t chat.Text
	w.effects(&t, diffs, known)
	out := make([]string, 0, len(t.Lines))
	for _, line := range t.Lines {
		out = append(out, PlainLine(line))
	}
	return out
}

// effects warns of differences that disconnect clients or keep them out, and of
// traffic that is not encrypted.
func (w Writer) effects(t *chat.Text, diffs []change.Difference, known *impact.Impact) {
	lines := impact.Lines(diffs, "")
	if known != nil {
		lines = known.Lines
	}
	switch class := impact.ClassOf(diffs); {
	case class == impact.NewFile:
		w.add(t, w.phrases.keepsOut, nil)
	case len(lines) > 0:
		w.add(t, w.phrases.keepsOlderOut, nil)
	case class == impact.Reconnects:
		w.add(t, w.phrases.disconnects, nil)
	}
	w.connected(t, known)
	w.clientLines(t, lines)
	w.ahead(t, known)
	for _, d := range diffs {
		setting := args{"setting", string(d.Field) + "=" + value(d.To)}
		if d.Field == change.Compress {
			w.add(t, w.phrases.silentLoss, setting)
		}
		if d.Unencrypted() {
			w.add(t, w.phrases.unencrypted, setting)
		}
		if d.Compresses() {
			w.add(t, w.phrases.compresses, setting)
		}
	}
	w.findings(t, known)
}

// clientLines lists the lines of the clients' configuration file that have to change.
func (w Writer) clientLines(t *chat.Text, lines []impact.Line) {
	for i, l := range lines {
		next := w.phrases.newLine
		switch {
		case l.Alternative:
			next = w.phrases.orLine
		case l.Old != "":
			next = w.phrases.oldLine
		}
		line := render(w.lang, next, nil)
		if l.Old != "" {
			line = append(line, chat.Code(l.Old), chat.Words(" → "))
		}
		line = append(line, chat.Code(l.New))
		if last := len(t.Lines) - 1; i > 0 && l.Alternative {
			t.Lines[last] = append(t.Lines[last], line...)
		} else {
			t.Lines = append(t.Lines, line)
		}
	}
}

// reconnects says how clients reconnect to a server that was changed.
func (w Writer) reconnects(t *chat.Text, diffs []change.Difference) {
	lines := impact.Lines(diffs, "")
	switch {
	case impact.ClassOf(diffs) == impact.NewFile:
		w.add(t, w.phrases.reconnects, nil)
	case len(lines) > 0:
		w.add(t, w.phrases.olderReconnect, nil)
	}
	w.clientLines(t, lines)
}
