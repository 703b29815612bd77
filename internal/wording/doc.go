// Package wording says what commands came to and how changes ended, in English
// and Chinese, as texts that every chat platform can render.
//
// The function's own words come from one catalogue with both languages side by
// side. Everything else in an answer (ids, names, values, reasons, what the API
// said) is a piece of its own that platforms show letter by letter, so that it
// can neither mention, link nor format anything.
//
// Rules and hints exist in English alone, because files, HTTP and records show
// them so; a Chinese answer says the rule in Chinese and shows the English words
// beside it.
package wording
