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
	lang    lang.Tag
	phrases catalogue
	now     time.Time      // zero: times are shown without how far they are
	zone    *time.Location // nil: UTC
}

// In gives a writer; English for a language that is not known.
func In(l lang.Tag) Writer { return Writer{lang: l, phrases: phrases()} }

// text begins a text with its title.
func (w Writer) text(m chat.Mark, title phrase, p args) *chat.Text {
	return &chat.Text{Mark: m, Title: render(w.lang, title, p)}
}

func (w Writer) add(t *chat.Text, phrase phrase, p args) {
	t.Lines = append(t.Lines, render(w.lang, phrase, p))
}

// next offers a command.
func (w Writer) next(t *chat.Text, c command.Command) {
	t.Next = append(t.Next, chat.Next{Label: label(c.Verb).in(w.lang), Command: c.String()})
}

// differences lists the settings that a change alters.
func (w Writer) differences(t *chat.Text, diffs []change.Difference) {
	for _, d := range diffs {
		t.Lines = append(t.Lines, w.difference(d))
	}
}

func (w Writer) difference(d change.Difference) chat.Line {
	line := render(w.lang, w.phrases.differs, args{"field": string(d.Field)})
	if !d.From.IsZero() {
		line = append(line, chat.Code(value(d.From)), chat.Words(" → "))
	}
	return append(line, chat.Code(value(d.To)))
}

// value shows a setting's value, "-" for an empty one.
func value(v change.Value) string {
	if s := v.String(); s != "" {
		return oneLine(s)
	}
	return "-"
}

// problems lists problems and how to fix them.
func (w Writer) problems(t *chat.Text, problems []change.Problem) {
	for _, p := range problems {
		w.problem(t, p)
	}
}

func (w Writer) problem(t *chat.Text, p change.Problem) {
	zh := chineseRule(p.Rule)
	switch {
	case w.lang == lang.Chinese && command.Explains(p.Rule):
		// The explanation includes the fix.
		line := chat.Line{chat.Words(command.Explain(oneLine(p.Path), "", p, w.lang))}
		if ofServer(p.Rule) {
			line = append(line, render(w.lang, w.phrases.detail, args{"message": p.Message})...)
		}
		t.Lines = append(t.Lines, line)
		return
	case w.lang == lang.Chinese && zh != "":
		line := chat.Line{}
		if p.Path != "" {
			line = append(line, chat.Code(oneLine(p.Path)), chat.Words("："))
		}
		line = append(line, chat.Words(zh))
		t.Lines = append(t.Lines, append(line, render(w.lang, w.phrases.detail, args{"message": p.Message})...))
	case p.Path != "":
		w.add(t, w.phrases.problemAt, args{"path": p.Path, "message": p.Message})
	default:
		w.add(t, w.phrases.problem, args{"message": p.Message})
	}
	if p.Hint != "" {
		w.add(t, w.phrases.hint, args{"hint": p.Hint})
	}
}

// ofServer reports whether a rule is about the server's present settings, which
// only the message names.
func ofServer(rule string) bool {
	switch rule {
	case change.RuleExpectMismatch, change.RulePoolSize, change.RulePoolOverlapsLocalSubnet:
		return true
	default:
		return false
	}
}
