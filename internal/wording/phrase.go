package wording

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// phrase is one phrase of the catalogue in both languages. {name} stands for an
// argument.
type phrase struct{ en, zh string }

func (p phrase) in(l lang.Tag) string {
	if l == lang.Chinese {
		return p.zh
	}
	return p.en
}

// args are the values of the {names} of a phrase.
// Names and values alternate.
type args []string

// get is the value of a name; "" without one.
func (a args) get(name string) string {
	for i := 0; i+1 < len(a); i += 2 {
		if a[i] == name {
			return a[i+1]
		}
	}
	return ""
}

// render puts a phrase together. Platforms show arguments verbatim, and what is
// between back-ticks.
func render(l lang.Tag, p phrase, a args) chat.Line {
	text := p.in(l)
	for i := 0; i+1 < len(a); i += 2 {
		if inWords(a[i], a[i+1]) {
			text = strings.ReplaceAll(text, "{"+a[i]+"}", a[i+1])
		}
	}
	return lineOf(command.Fill(text, a.get))
}

// inWords reports whether an argument is words of this package, such as a status or
// "now": they are not shown letter by letter.
func inWords(name, value string) bool {
	switch name {
	case "time", "status", "state", "phase", "before", "after", "why":
		return !strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(" ,'，、；。-", r) })
	default:
		return false
	}
}

// oneLine keeps an argument on its line.
func oneLine(s string) string {
	return strings.Join(strings.Fields(s), " ")
}

// maxNames bounds the names in a list.
const maxNames = 10

// list joins names; of more than maxNames it names the first and counts the rest.
func list(l lang.Tag, names []string) string {
	rest := len(names) - maxNames
	shown := names[:min(len(names), maxNames)]
	switch {
	case l == lang.Chinese && rest > 0:
		return strings.Join(shown, "、") + " 等 " + strconv.Itoa(len(names)) + " 人"
	case l == lang.Chinese:
		return strings.Join(shown, "、")
	case rest > 0:
		return strings.Join(shown, ", ") + " and " + strconv.Itoa(rest) + " more"
	default:
		return strings.Join(shown, ", ")
	}
}
