// Package lang names the languages of the function's answers.
package lang

import "unicode"

// Tag is a language. The zero Tag is an unknown language.
type Tag string

// The languages.
const (
	English Tag = "en"
	Chinese Tag = "zh"
)

// Reader is how somebody reads a text.
type Reader struct {
	Lang Tag
	Zone string // the name of their time zone; "" for that of the function
}

// Of detects the language of a text: Chinese if it contains a Han character, or else
// fallback. A command in Latin letters shows no language, because ids, keys and
// values are the same in every language.
func Of(text string, fallback Tag) Tag {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			return Chinese
		}
	}
	return fallback
}
