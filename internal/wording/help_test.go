package wording

import (
	"slices"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// The help of one verb fits into the smallest message, that of WeCom's own apps.
func TestHelpFitsIntoAMessage(t *testing.T) {
	t.Parallel()
	const smallest = 2048
	for _, v := range command.Verbs() {
		for _, l := range []lang.Tag{lang.English, lang.Chinese} {
			if text := Plain(In(l).Answer(executor.Answer{Verb: command.Help, Command: command.Command{Verb: command.Help, Topic: v}})); len(text) > smallest {
				t.Errorf("%s in %s has %d bytes", v, l, len(text))
			}
		}
	}
}

// Values are shown letter by letter, and words are not: a whole sentence in the marks of
// code is hard to read.
func TestOnlyValuesAreShownLetterByLetter(t *testing.T) {
	t.Parallel()
	p := change.Problem{Path: "Port", Rule: "not-permitted", Message: "eve may not request changes on cn-hangzhou/vss-1", Hint: "have the role operator granted in policy/policy.yaml"}
	var text chat.Text
	In(lang.English).problem(&text, p)
	want := [][]chat.Span{
		{chat.Code("Port"), chat.Words(": "), chat.Words("eve may not request changes on "), chat.Code("cn-hangzhou/vss-1")},
		{chat.Words("How to fix: "), chat.Words("have the role operator granted in "), chat.Code("policy/policy.yaml")},
	}
	for i, line := range want {
		if !slices.Equal(text.Lines[i], line) {
			t.Errorf("got %+v, want %+v", text.Lines[i], line)
		}
	}
	for _, l := range []lang.Tag{lang.English, lang.Chinese} {
		a := executor.Answer{Verb: command.Status, Change: &executor.Change{ID: "20261122-7f3akqrcd2", Status: change.Waiting, Requester: "mei"}, Server: &executor.Server{Name: "office"}}
		title := In(l).Answer(a).Title
		if last := title[len(title)-1]; last.Code {
			t.Errorf("the status is shown letter by letter: %+v", title)
		}
	}
}
