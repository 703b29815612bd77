package change

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Hidden finds the first character of a text that a reader cannot see, or that makes
// the text look other than it is: a control character, a line break, a bidirectional
// control, a zero-width or otherwise invisible character, a private or unassigned
// one. It returns its index in bytes.
//
// Characters that a language needs are not hidden: the joiners U+200C and U+200D
// between two letters of a script that is written with them, and, because people
// write emoji, U+200D between two symbols and U+FE0E and U+FE0F after one.
func Hidden(s string) (at int, r rune, found bool) {
	before := rune(0)
	for i, c := range s {
		if HiddenName(c) != "" {
			after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(c):])
			if !Needed(before, c, after) {
				return i, c, true
			}
		}
		before = c
	}
	return 0, 0, false
}

// Needed reports whether a hidden character is needed between two others.
func Needed(before, r, after rune) bool {
	const nonJoiner, joiner, asText, asEmoji = 0x200C, 0x200D, 0xFE0E, 0xFE0F
	symbol := func(c rune) bool { return unicode.In(c, unicode.So, unicode.Sk) }
	switch r {
	case nonJoiner, joiner:
		for _, script := range joiningScripts() {
			if unicode.Is(script, before) && unicode.Is(script, after) {
				return true
			}
		}
		return r == joiner && (symbol(before) || before == asEmoji) && symbol(after)
	case asText, asEmoji:
		return symbol(before)
	default:
		return false
	}
}

// joiningScripts are those whose words are written with joiners.
func joiningScripts() []*unicode.RangeTable {
	return []*unicode.RangeTable{
		unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Devanagari, unicode.Bengali,
		unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada,
		unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar,
	}
}

// Shown shows a hidden character in a message, as in "U+202E (right-to-left override)".
func Shown(r rune) string { return fmt.Sprintf("%U (%s)", r, HiddenName(r)) }

// HiddenName names a character that Hidden finds where no language needs it; "" for
// every other character.
func HiddenName(r rune) string {
	switch {
	case r >= ' ' && r < 0x7F:
		return ""
	case commonHidden(r) != "":
		return commonHidden(r)
	case unicode.IsControl(r):
		return "control character"
	case unicode.Is(unicode.Variation_Selector, r):
		return "variation selector"
	case r >= 0xE0000 && r <= 0xE007F:
		return "tag character"
	case unicode.Is(unicode.Noncharacter_Code_Point, r):
		return "noncharacter"
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return "invisible character"
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return ""
	case unicode.Is(unicode.Cf, r):
		return "format character"
	case unicode.Is(unicode.Co, r):
		return "private-use character"
	case unicode.IsGraphic(r), newer(r):
		return ""
	default:
		return "unassigned character"
	}
}

// newer reports whether a newer version of Unicode than that of the compiler may
// assign a visible character: an ideograph or an emoji.
func newer(r rune) bool { return r >= 0x20000 && r < 0x3FFFE || r >= 0x1F000 && r <= 0x1FAFF }

// commonHidden names the hidden characters that occur in texts.
//
//nolint:funlen // a list of names
func commonHidden(r rune) string {
	switch r {
	case '\t':
		return "tab"
	case '\n':
		return "line feed"
	case '\v':
		return "line tabulation"
	case '\f':
		return "form feed"
	case '\r':
		return "carriage return"
	case 0x7F:
		return "delete"
	case 0x85:
		return "next line"
	case 0xAD:
		return "soft hyphen"
	case 0x34F:
		return "combining grapheme joiner"
	case 0x61C:
		return "Arabic letter mark"
	case 0x115F, 0x1160, 0x3164, 0xFFA0:
		return "Hangul filler"
	case 0x180E:
		return "Mongolian vowel separator"
	case 0x200B:
		return "zero width space"
	case 0x200C:
		return "zero width non-joiner"
	case 0x200D:
		return "zero width joiner"
	case 0x200E:
		return "left-to-right mark"
	case 0x200F:
		return "right-to-left mark"
	case 0x2028:
		return "line separator"
	case 0x2029:
		return "paragraph separator"
	case 0x202A:
		return "left-to-right embedding"
	case 0x202B:
		return "right-to-left embedding"
	case 0x202C:
		return "pop directional formatting"
	case 0x202D:
		return "left-to-right override"
	case 0x202E:
		return "right-to-left override"
	case 0x2060:
		return "word joiner"
	case 0x2066:
		return "left-to-right isolate"
	case 0x2067:
		return "right-to-left isolate"
	case 0x2068:
		return "first strong isolate"
	case 0x2069:
		return "pop directional isolate"
	case 0x2800:
		return "Braille blank"
	case 0xFEFF:
		return "byte order mark"
	case 0x16FE4, 0x1D159:
		return "invisible character"
	default:
		return ""
	}
}
