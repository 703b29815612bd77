package wording

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Writer writes answers in one language.
type Writer struct {
	lang    lang.Tag
	phrases *catalogue
	now     time.Time      // zero: times are shown without how far they are
	zone    *time.Location // nil: UTC
}

// In gives a writer; English for a language that is not known.
func In(l lang.Tag) Writer {
	p := phrases()
	return Writer{lang: l, phrases: &p}
}

// text begins a text with its title.
func (w Writer) text(m chat.Mark, title phrase, p args) *chat.Text {
	return &chat.Text{Mark: m, Title: render(w.lang, title, p)}
}

// add adds a line. It is not inlined, because it is called in many places.
//
//go:noinline
func (w Writer) add(t *chat.Text, phrase phrase, p args) {
	t.Lines = append(t.Lines, render(w.lang, phrase, p))
}

// next offers a command.
func (w Writer) next(t *chat.Text, c command.Command) { w.nextWarning(t, c, "") }

// nextWarning offers a command with what it does to people.
func (w Writer) nextWarning(t *chat.Text, c command.Command, warning string) {
	t.Next = append(t.Next, chat.Next{Label: label(c.Verb).in(w.lang), Command: c.String(), Warning: warning})
}

// differences lists the settings that a change alters.
func (w Writer) differences(t *chat.Text, diffs []change.Difference) {
	for _, d := range diffs {
		t.Lines = append(t.Lines, w.difference(d))
	}
}

func (w Writer) difference(d change.Difference) chat.Line {
	line := render(w.lang, w.phrases.differs, args{"field", string(d.Field)})
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
	if w.lang == lang.Chinese {
		w.chineseProblem(t, p)
		return
	}
	at := phrase{}
	if p.Path != "" {
		at.en = "{path}: "
	}
	t.Lines = append(t.Lines, append(render(w.lang, at, args{"path", p.Path}), sentence(p.Message)...))
	if p.Hint != "" {
		w.lead(t, w.phrases.hint, sentence(p.Hint))
	}
}

// sentence is an English text, in which values alone are shown letter by letter.
func sentence(english string) chat.Line { return lineOf(command.Sentence(english)) }

// lead adds a line with its beginning.
func (w Writer) lead(t *chat.Text, begin phrase, rest chat.Line) {
	t.Lines = append(t.Lines, append(render(w.lang, begin, nil), rest...))
}

// chineseProblem is problem in Chinese alone: what its English text names is read out
// of it, and what is not known in Chinese is left out. The API's own messages are shown
// as they came.
func (w Writer) chineseProblem(t *chat.Text, p change.Problem) {
	detail := inChinese(p.Message)
	if command.Explains(p.Rule) { // with the fix
		line := lineOf(command.ExplainPieces(oneLine(p.Path), "", p, w.lang))
		if detail != nil {
			line = append(append(append(line, chat.Words("（")), detail...), chat.Words("）"))
		}
		t.Lines = append(t.Lines, line)
		return
	}
	var line chat.Line
	if p.Path != "" {
		line = chat.Line{chat.Code(oneLine(p.Path)), chat.Words("：")}
	}
	t.Lines = append(t.Lines, append(line, w.chineseMessage(p, detail)...))
	if hint := chineseHint(p.Rule, "", p.Hint); hint != nil {
		w.lead(t, w.phrases.hint, hint)
	}
}

// chineseMessage says in Chinese what a rule or a code means.
func (w Writer) chineseMessage(p change.Problem, detail chat.Line) chat.Line {
	switch zh := chineseRule(p.Rule); {
	case command.Explains(p.Rule):
		return lineOf(command.ExplainPieces("", "", p, w.lang))
	case detail != nil:
		return detail
	case zh != "":
		return chat.Line{chat.Words(zh)}
	default:
		return render(w.lang, w.phrases.apiError, args{"code", p.Rule, "message", p.Message})
	}
}
