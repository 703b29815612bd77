package command

import "strings"

// ParseWords reads a command whose words a shell has taken apart: what is in
// one word stays in one, whatever it is, and no quotes are needed within it.
func ParseWords(words []string) (Command, error) {
	line := make([]string, len(words))
	for i, word := range words {
		key, value, ok := strings.Cut(word, "=")
		switch {
		case ok && value != "" && plain(key):
			line[i] = key + "=" + quote(value)
		case single(word):
			line[i] = word
		default:
			line[i] = quote(word)
		}
	}
	return Parse(strings.Join(line, " "))
}

// single tells whether a word is read as one, and without quotes.
func single(word string) bool {
	tokens, p := lex(word)
	return p == nil && len(tokens) == 1 && tokens[0].opened < 0
}
