package chat

import "strings"

// How long texts may be, in bytes.
const (
	wecomMaxText     = 2048  // of an app
	wecomMaxMarkdown = 20480 // of an AI bot
	wecomMaxLine     = 1500  // of one line in markdown
)

// wecomText renders an answer without any format, for an app's text message.
func wecomText(t Text) string {
	head := []string{symbol(t.Mark) + " " + plainLine(t.Title)}
	for _, line := range t.Lines {
		head = append(head, plainLine(line))
	}
	return wecomJoin(head, wecomNext(t.Next, plainText, plainText), wecomMaxText)
}

// wecomMarkdown renders an answer for an AI bot, whose messages are markdown
// always. Signs that format are replaced by their full-width forms, since there
// is no escape that every client knows. Code is between back-ticks.
func wecomMarkdown(t Text) string {
	head := []string{symbol(t.Mark) + " " + wecomMarkdownLine(t.Title)}
	for _, line := range t.Lines {
		head = append(head, wecomMarkdownLine(line))
	}
	return wecomJoin(head, wecomNext(t.Next, wecomWords, wecomCode), wecomMaxMarkdown)
}

func wecomMarkdownLine(line Line) string {
	var out strings.Builder
	for _, span := range line {
		room := wecomMaxLine - out.Len() - len("``")
		if room <= 0 {
			break
		}
		if span.Code {
			out.WriteString(wecomCode(cutBytes(span.Text, room)))
		} else {
			out.WriteString(cutBytes(wecomWords(span.Text), room))
		}
	}
	return wecomLineStart(unlinked(out.String()))
}

// wecomWords takes what formats out of a piece of words.
func wecomWords(s string) string {
	return strings.NewReplacer(
		"*", "＊", "_", "＿", "`", "＇", "[", "［", "]", "］", "~", "～", "#", "＃", ">", "＞", "|", "｜", `\`, "＼", "$", "＄", "&", "＆",
	).Replace(plainText(s))
}

// wecomCode puts a piece between back-ticks. There are none in it, and it
// neither begins nor ends with a space, which clients would drop.
func wecomCode(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(plainText(s), "`", "＇"))
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// wecomLineStart keeps a line from being an item of a list, a rule, the
// underline of a heading, or, being indented, a block of code.
func wecomLineStart(line string) string {
	line = strings.TrimLeft(line, " ")
	for sign, instead := range map[string]string{"-": "－", "+": "＋", "=": "＝"} {
		if rest, ok := strings.CutPrefix(line, sign); ok {
			return instead + rest
		}
	}
	rest := strings.TrimLeft(line, "0123456789")
	if digits := line[:len(line)-len(rest)]; digits != "" {
		if after, ok := strings.CutPrefix(rest, "."); ok {
			return digits + "．" + after
		}
		if after, ok := strings.CutPrefix(rest, ")"); ok {
			return digits + "）" + after
		}
	}
	return line
}

// wecomNext renders the commands to go on with, for typing.
func wecomNext(next []Next, words, code func(string) string) []string {
	lines := make([]string, 0, len(next))
	for _, n := range next {
		lines = append(lines, wecomLineStart(words(n.Label)+colon(n.Label)+code(n.Command)))
	}
	return lines
}

// wecomJoin joins lines to at most limit bytes. The commands at the end come
// first: one that does not fit whole is left out, because a part of a command is
// another command.
func wecomJoin(head, next []string, limit int) string {
	tail := ""
	for _, line := range next {
		if len(tail)+1+len(line) <= limit/2 {
			tail += "\n" + line
		}
	}
	const more = "\n…"
	body := ""
	for i, line := range head {
		if i > 0 {
			line = "\n" + line
		}
		if len(body)+len(line)+len(more)+len(tail) > limit {
			if i == 0 {
				return cutBytes(line, limit-len(tail)) + tail
			}
			return body + more + tail
		}
		body += line
	}
	return body + tail
}
