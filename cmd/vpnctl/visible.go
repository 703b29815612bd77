package main

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// visible makes a text fit for a terminal. Names of servers and messages of the API
// are anybody's: a terminal acts on control characters in them, and other characters
// make a line show something else than it says. They are shown as JSON escapes, so
// that JSON keeps its meaning.
func visible(s string) string {
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	if clean(s) {
		return s
	}
	var b strings.Builder
	before := rune(0)
	for i, r := range s {
		after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		switch {
		case r == '\n' || r == '\t' || change.HiddenName(r) == "" || change.Needed(before, r, after):
			b.WriteRune(r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		before = r
	}
	return b.String()
}

// clean reports whether a text has nothing hidden but line feeds and tabs.
func clean(s string) bool {
	for _, r := range s {
		if r != '\n' && r != '\t' && change.HiddenName(r) != "" {
			return false
		}
	}
	return true
}
