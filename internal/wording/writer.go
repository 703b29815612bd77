package wording

import (
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/command"
	"sslvpnchange/internal/lang"
)

// Writer writes answers in one language.
type Writer struct {
	lang lang.Tag
	say  catalogue
}

// In gives a writer; English for a language that is not known.
func In(l lang.Tag) Writer { return Writer{lang: l, say: phrases()} }

// text begins a text.
func (w Writer) text(m chat.Mark, title words, p pieces) *chat.Text {
	return &chat.Text{Mark: m, Title: say(w.lang, title, p)}
}

func (w Writer) add(t *chat.Text, phrase words, p pieces) {
	t.Lines = append(t.Lines, say(w.lang, phrase, p))
}

// next offers a command.
func (w Writer) next(t *chat.Text, c command.Command) {
	t.Next = append(t.Next, chat.Next{Label: label(c.Verb).in(w.lang), Command: c.String()})
}

// differences lists what a change makes of its server.
func (w Writer) differences(t *chat.Text, diffs []change.Difference) {
	for _, d := range diffs {
		t.Lines = append(t.Lines, w.difference(d))
	}
}

func (w Writer) difference(d change.Difference) chat.Line {
	line := say(w.lang, w.say.differs, pieces{"field": string(d.Field)})
	if !d.From.IsZero() {
		line = append(line, chat.Code(value(d.From)), chat.Words(" → "))
	}
	return append(line, chat.Code(value(d.To)))
}

// value shows a setting's value; an empty one shows as such.
func value(v change.Value) string {
	if s := v.String(); s != "" {
		return oneLine(s)
	}
	return "-"
}

// disconnects warns where connected people will notice.
func (w Writer) disconnects(t *chat.Text, diffs []change.Difference) {
	for _, d := range diffs {
		if d.Field.Setting().Disconnects {
			w.add(t, w.say.disconnects, nil)
			return
		}
	}
}

// problems lists problems with what helps.
func (w Writer) problems(t *chat.Text, problems []change.Problem) {
	for _, p := range problems {
		w.problem(t, p)
	}
}

func (w Writer) problem(t *chat.Text, p change.Problem) {
	zh := chineseRule(p.Rule)
	switch {
	case w.lang == lang.Chinese && command.Explains(p.Rule):
		// What helps is part of it.
		line := chat.Line{chat.Words(command.Explain(oneLine(p.Path), "", p, w.lang))}
		if ofServer(p.Rule) {
			line = append(line, say(w.lang, w.say.detail, pieces{"message": p.Message})...)
		}
		t.Lines = append(t.Lines, line)
		return
	case w.lang == lang.Chinese && zh != "":
		line := chat.Line{}
		if p.Path != "" {
			line = append(line, chat.Code(oneLine(p.Path)), chat.Words("："))
		}
		line = append(line, chat.Words(zh))
		t.Lines = append(t.Lines, append(line, say(w.lang, w.say.detail, pieces{"message": p.Message})...))
	case p.Path != "":
		w.add(t, w.say.problemAt, pieces{"path": p.Path, "message": p.Message})
	default:
		w.add(t, w.say.unknownRule, pieces{"message": p.Message})
	}
	if p.Hint != "" {
		w.add(t, w.say.hint, pieces{"hint": p.Hint})
	}
}

// ofServer tells whether a rule is broken because of what the server has now,
// which only the message names.
func ofServer(rule string) bool {
	switch rule {
	case change.RuleExpectMismatch, change.RulePoolSize, change.RulePoolOverlapsLocalSubnet:
		return true
	default:
		return false
	}
}

// moment shows a time to the second, in UTC: people in a room have several
// zones.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
