package wording

import (
	"strconv"
	"strings"

	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/lang"
)

// words is one phrase of the catalogue. {name} stands for a piece that comes
// from elsewhere.
type words struct{ en, zh string }

func (w words) in(l lang.Tag) string {
	if l == lang.Chinese {
		return w.zh
	}
	return w.en
}

// pieces are what the {names} of a phrase stand for.
type pieces map[string]string

// say puts a phrase together. What comes from elsewhere is shown letter by
// letter.
func say(l lang.Tag, w words, p pieces) chat.Line {
	var line chat.Line
	rest := w.in(l)
	for rest != "" {
		before, after, found := strings.Cut(rest, "{")
		if before != "" {
			line = append(line, chat.Words(before))
		}
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		line = append(line, chat.Code(oneLine(p[name])))
		rest = tail
	}
	return line
}

// oneLine keeps a piece on its line.
func oneLine(s string) string {
	return strings.Join(strings.Fields(s), " ")
}

// maxNames bounds the names that a piece lists.
const maxNames = 10

// list joins names for a piece; of many, it names the first and counts the rest.
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
