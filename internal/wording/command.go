package wording

import (
	"errors"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
)

// help explains one verb, or all.
func (w Writer) help(topic command.Verb) *chat.Text {
	t := w.text(chat.Info, w.phrases.helpTitle, nil)
	for _, h := range command.Summary(w.lang) {
		if topic != "" && topic != h.Verb {
			continue
		}
		t.Lines = append(t.Lines, chat.Line{chat.Code(h.Syntax)}, chat.Line{chat.Words(h.Says)})
		if topic == "" {
			continue
		}
		t.Lines = append(t.Lines, chat.Line{chat.Code(h.Example)})
		keys := command.KeysOf(topic, w.lang)
		if len(keys) > 0 {
			w.add(t, phrase{"Keys, with an example of each:", "键及示例："}, nil)
		}
		for _, k := range keys {
			t.Lines = append(t.Lines, chat.Line{chat.Code(k.Example), chat.Words(phrase{": ", "："}.in(w.lang) + k.Says)})
		}
	}
	return t
}

// BadCommand explains why a line is not a command.
func (w Writer) BadCommand(err error) chat.Text {
	t := w.text(chat.Refused, w.phrases.refused, nil)
	e, ok := errors.AsType[*command.Error](err)
	if !ok {
		return *t
	}
	for _, p := range e.Problems {
		t.Lines = append(t.Lines, lineOf(p.Pieces(w.lang)))
	}
	if e.Meant != nil {
		w.next(t, *e.Meant)
		return *t
	}
	w.next(t, command.Command{Verb: command.Help, Topic: e.Verb})
	return *t
}

// lineOf is a line of a text of package command.
func lineOf(pieces []command.Piece) chat.Line {
	var out chat.Line
	for _, p := range pieces {
		if p.Exact {
			p.Text = oneLine(p.Text)
		}
		out = append(out, chat.Span{Text: p.Text, Code: p.Exact})
	}
	return out
}

// CommandProblems gives the problems of a line for programs.
func CommandProblems(err error) []change.Problem {
	e, ok := errors.AsType[*command.Error](err)
	if !ok {
		return nil
	}
	out := make([]change.Problem, len(e.Problems))
	for i, p := range e.Problems {
		out[i] = change.Problem{Path: "command", Rule: string(p.Rule), Message: p.Text("")}
	}
	return out
}

// OnlyText answers a message without text.
func (w Writer) OnlyText() chat.Text {
	t := w.text(chat.Refused, w.phrases.onlyText, args{"command", "help"})
	w.next(t, command.Command{Verb: command.Help})
	return *t
}

// TooLong answers a message that is too long.
func (w Writer) TooLong() chat.Text {
	t := w.text(chat.Refused, w.phrases.tooLong, nil)
	w.next(t, command.Command{Verb: command.Help})
	return *t
}

// Late answers a message that is too old to be executed.
func (w Writer) Late(sentAt time.Time) chat.Text {
	return *w.text(chat.Refused, w.phrases.late, args{"time", w.Moment(sentAt)})
}

// NotNow answers a command that could not be executed now.
func (w Writer) NotNow() chat.Text { return *w.text(chat.Refused, w.phrases.notNow, nil) }

// Reused answers a message whose id or signature was used for another message.
func (w Writer) Reused() chat.Text { return *w.text(chat.Refused, w.phrases.reused, nil) }

// BadPolicy answers while the policy is invalid. It does not show the problems,
// because the sender may not be permitted to read the policy.
func (w Writer) BadPolicy() chat.Text { return *w.text(chat.Refused, w.phrases.badPolicy, nil) }

// NoPolicy answers while there is no policy, where one is required.
func (w Writer) NoPolicy() chat.Text { return *w.text(chat.Refused, w.phrases.noPolicy, nil) }
