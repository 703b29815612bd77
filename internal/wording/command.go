package wording

import (
	"errors"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/command"
)

// help explains one verb, or all.
func (w Writer) help(topic command.Verb) *chat.Text {
	t := w.text(chat.Info, w.say.helpTitle, nil)
	for _, h := range command.Summary(w.lang) {
		if topic != "" && topic != h.Verb {
			continue
		}
		t.Lines = append(t.Lines, chat.Line{chat.Code(h.Syntax)}, chat.Line{chat.Words(h.Says)})
		if topic != "" {
			t.Lines = append(t.Lines, chat.Line{chat.Code(h.Example)})
		}
	}
	return t
}

// BadCommand says why a line is no command, and what to write instead.
func (w Writer) BadCommand(err error) chat.Text {
	t := w.text(chat.Refused, w.say.notDone, nil)
	e, ok := errors.AsType[*command.Error](err)
	if !ok {
		return *t
	}
	for _, line := range e.Lines(w.lang) {
		t.Lines = append(t.Lines, chat.Line{chat.Words(line)})
	}
	w.next(t, command.Command{Verb: command.Help, Topic: e.Verb})
	return *t
}

// CommandProblems are the problems of a line for programs.
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

// OnlyText answers a message that holds no text.
func (w Writer) OnlyText() chat.Text {
	t := w.text(chat.Refused, w.say.onlyText, pieces{"command": "help"})
	w.next(t, command.Command{Verb: command.Help})
	return *t
}

// TooLong answers a message that is too long to be read.
func (w Writer) TooLong() chat.Text {
	t := w.text(chat.Refused, w.say.tooLong, nil)
	w.next(t, command.Command{Verb: command.Help})
	return *t
}

// NotNow says that a command could not be done, and may be sent again.
func (w Writer) NotNow() chat.Text { return *w.text(chat.Refused, w.say.notNow, nil) }

// Reused answers a message whose id or signature came with another one before.
func (w Writer) Reused() chat.Text { return *w.text(chat.Refused, w.say.reused, nil) }

// BadPolicy answers while the policy cannot be used. What is wrong with it is
// for those who may read it.
func (w Writer) BadPolicy() chat.Text { return *w.text(chat.Refused, w.say.badPolicy, nil) }
