package chat

import (
	"slices"
	"strings"
	"unicode"
)

// marksOfText are what stands around words in a rendered answer.
const marksOfText = "`,;:()[]，。；：（）、…"

// Shown reports whether a rendered answer shows what a command sets: every word of
// it but the verb, which the label of its button stands for, and the code of a plan,
// which sets nothing. Words that a platform shows with other characters are not found.
func Shown(answer, command string) bool {
	words := strings.FieldsFunc(answer, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(marksOfText, r) })
	for i, w := range strings.Fields(command) {
		if i > 0 && !isCode(w) && !slices.Contains(words, w) {
			return false
		}
	}
	return true
}

// isCode reports whether a word has the form of the code of a plan.
func isCode(w string) bool {
	return len(w) == 8 && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// Question is what a button asks before it sends its command, in at most so many
// units: what the command does to people, and the whole command where the answer
// does not show it. It is "" for a button that need not ask. ok is false where the
// command does not fit.
func Question(n Next, shown bool, room int, size func(string) int) (text string, ok bool) {
	command := n.Command
	if shown {
		command = ""
	}
	warning := Visible(n.Warning)
	if warning == "" || command == "" {
		text = warning + command
		if command == "" {
			text = fitting(warning, room, size)
		}
		return text, size(text) <= room
	}
	const gap = "\n\n"
	left := room - size(gap+command)
	if left < minWarning {
		return "", false
	}
	return fitting(warning, left, size) + gap + command, true
}

// minWarning is the least room for a warning above a command, in units.
const minWarning = 80

// fitting shortens a text to so much room.
func fitting(text string, room int, size func(string) int) string {
	if size(text) <= room {
		return text
	}
	p := NewPage(room, size)
	for _, r := range text {
		p.Add(string(r))
	}
	return p.String()
}

// MaxMentions bounds the people whom one card mentions.
const MaxMentions = 20

// Mentioned are the accounts to mention in a card: each once, those alone that can
// be accounts, and no more than MaxMentions.
func Mentioned(accounts []string, valid func(string) bool) []string {
	var out []string
	for _, a := range accounts {
		if valid(a) && !slices.Contains(out, a) && len(out) < MaxMentions {
			out = append(out, a)
		}
	}
	return out
}
