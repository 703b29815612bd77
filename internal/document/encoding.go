package document

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// checkEncoding refuses, before anything is parsed, a document that is not UTF-8, and
// each character by which it would mean something else than it shows, in comments,
// too: U+2028 ends a comment and shows as a blank, and a control of the reading
// order shows a text in another order. The characters that a language needs in a
// text are left for the caller: joiners has their offsets.
func checkEncoding(data []byte) (joiners []int, problem *change.Problem) {
	before := rune(0)
	for i := 0; i < len(data); {
		if c := data[i]; c >= ' ' && c < 0x7F || c == '\n' || c == '\t' {
			before = rune(c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		after, _ := utf8.DecodeRune(data[i+size:])
		switch {
		case r == utf8.RuneError && size == 1:
			return nil, notUTF8(data, i)
		case r == '\r' && after == '\n':
		case change.HiddenName(r) == "":
		case change.Needed(before, r, after):
			joiners = append(joiners, i)
		default:
			return nil, hidden(data, i, "remove it")
		}
		before = r
		i += size
	}
	return joiners, nil
}

func notUTF8(data []byte, at int) *change.Problem {
	line, column := position(data, at)
	return &change.Problem{
		Line: line, Rule: RuleEncoding, Message: fmt.Sprintf("the document is not UTF-8: see line %d, column %d", line, column),
		Hint: "save it as UTF-8 (not UTF-16 or GBK)",
	}
}

// hidden is the problem with the hidden character at an offset.
func hidden(data []byte, at int, hint string) *change.Problem {
	r, _ := utf8.DecodeRune(data[at:])
	line, column := position(data, at)
	return &change.Problem{
		Line: line, Rule: RuleEncoding,
		Message: fmt.Sprintf("line %d, column %d: the document contains the character %s, which is not shown as such", line, column, change.Shown(r)),
		Hint:    hint,
	}
}

// position returns the line and column, in characters, of an offset; both count
// from 1.
func position(data []byte, at int) (line, column int) {
	before := data[:at]
	start := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte{'\n'}), 1 + utf8.RuneCount(before[start:])
}
