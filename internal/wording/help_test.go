package wording

import (
	"testing"

	"sslvpnchange/internal/command"
	"sslvpnchange/internal/executor"
	"sslvpnchange/internal/lang"
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
