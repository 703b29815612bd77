// Package lang names the languages that the function answers in.
package lang

import "unicode"

// Tag is a language. The zero Tag means that nothing is known.
type Tag string

// The languages.
const (
	English Tag = "en"
	Chinese Tag = "zh"
)

// Of tells the language of what somebody wrote: Chinese where there is a Han
// character in it, else fallback. Commands in Latin letters say nothing, because
// ids, keys and values are the same in every language.
func Of(text string, fallback Tag) Tag {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			return Chinese
		}
	}
	return fallback
}
