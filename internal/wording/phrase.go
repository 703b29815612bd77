package wording

import (
	"strconv"
	"strings"

	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/lang"
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
type args map[string]string

// render puts a phrase together. Platforms show arguments verbatim.
func render(l lang.Tag, p phrase, a args) chat.Line {
	var line chat.Line
	rest := p.in(l)
	for rest != "" {
		before, after, found := strings.Cut(rest, "{")
		if before != "" {
			line = append(line, chat.Words(before))
		}
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		line = append(line, chat.Code(oneLine(a[name])))
		rest = tail
	}
	return line
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
