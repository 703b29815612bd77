package command

import "strings"

// ParseWords reads a command that a shell has split into words. A word stays one
// word, whatever it contains, and needs no quotes.
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

// single reports whether the lexer reads a word as one token without quotes.
func single(word string) bool {
	tokens, p := lex(word)
	return p == nil && len(tokens) == 1 && tokens[0].opened < 0
}
