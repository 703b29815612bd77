package policy

import (
	"errors"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// wordAnything stands for all settings.
const wordAnything = "anything"

// fields reads the settings of a test.
func (s *sentence) fields(words []string) []change.Field {
	out := []change.Field{}
	for _, word := range words {
		found := change.Fields()
		if word != wordAnything {
			found = s.field(word)
		}
		for _, f := range found {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	if len(out) == 0 {
		s.expected("a setting", append(settingWords(), wordAnything)...)
	}
	return out
}

// field reads one setting: a name of the API or a pattern of such, a key of commands, or a
// key with a value, which commands must accept.
func (s *sentence) field(word string) []change.Field {
	key, value, valued := strings.Cut(word, "=")
	var out []change.Field
	for _, f := range change.Fields() {
		if !valued && matches(word, string(f)) || slices.Contains(wordsOf(f), strings.ReplaceAll(strings.ToLower(key), "-", "_")) {
			out = append(out, f)
		}
	}
	switch {
	case len(out) == 0:
		s.on(s.at, change.RuleUnknownSetting, shown(key)+" is not a setting", nearestIs(s.near(key, append(settingWords(), wordAnything)))+"write a name of the API, a key of commands such as port, or "+wordAnything)
	case valued && value == "":
		s.refuse(shown(word)+" has no value", "write the setting alone, or with a value, such as "+key+"="+out[0].Setting().Example)
	case valued:
		if e, wrong := errors.AsType[*command.Error](valueError(word)); wrong {
			s.on(s.at, RuleTestValue, strings.TrimSuffix(e.Text(lang.English), "."), "write a value that commands accept, or the setting alone: the policy decides by settings, and not by values")
		}
	}
	return out
}

// valueError is the error of a command that sets the setting.
func valueError(item string) error {
	_, err := command.Parse(string(command.Apply) + " " + idPrefix + "0 " + item)
	return err
}

// wordsOf lists the words for a setting: the API's name and the keys of commands, in lower
// case.
func wordsOf(f change.Field) []string {
	setting := f.Setting()
	return append(strings.Fields(setting.English+" "+setting.Chinese), strings.ToLower(string(f)))
}

func settingWords() []string {
	var out []string
	for _, f := range change.Fields() {
		out = append(append(out, string(f)), wordsOf(f)...)
	}
	return out
}
