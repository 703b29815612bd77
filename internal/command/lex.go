package command

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Limits of a line.
const (
	MaxBytes = 2000
	MaxItems = 64 // with the verb, without mentions

	maxPadded = 4 * MaxBytes // with the blanks around the line
)

// checkLine refuses what no line may contain, inside or outside quotes.
func checkLine(line string) *Problem {
	if len(line) > MaxBytes {
		return problem(RuleTooLong, "bytes", strconv.Itoa(len(line)), "most", strconv.Itoa(MaxBytes))
	}
	if !utf8.ValidString(line) {
		return problem(RuleEncoding)
	}
	column, before := 0, rune(0)
	for i, r := range line {
		column++
		after, _ := utf8.DecodeRuneInString(line[i+utf8.RuneLen(r):])
		switch {
		case r == '\t' || change.HiddenName(r) == "":
		case r == '\n' || r == '\r':
			return problem(RuleLineBreak)
		case !change.Needed(before, r, after):
			return hidden(r, column)
		}
		before = r
	}
	return nil
}

// hidden is the problem with a character that is not shown as such.
func hidden(r rune, column int) *Problem {
	rule := RuleEncoding
	switch {
	case breaksLine(r):
		rule = RuleLineBreak
	case unicode.Is(unicode.Bidi_Control, r):
		rule = RuleBidiCharacter
	case unicode.IsControl(r):
		rule = RuleControlCharacter
	}
	return problem(rule, "code", fmt.Sprintf("%U", r), "name", change.HiddenName(r), "column", strconv.Itoa(column))
}

// breaksLine reports whether some program shows r as a line break, where others show
// nothing.
func breaksLine(r rune) bool {
	switch r {
	case '\v', '\f', 0x0085, 0x2028, 0x2029:
		return true
	default:
		return false
	}
}

// withoutPadding drops the blanks and line breaks around a line, and the invisible
// characters that chat programs put around it and behind mentions.
func withoutPadding(line string) string {
	var mentions strings.Builder
	for {
		line = strings.TrimFunc(line, padding)
		end := strings.IndexFunc(line, padding)
		if !strings.HasPrefix(line, "@") || end < 0 {
			return mentions.String() + line
		}
		mentions.WriteString(line[:end] + " ")
		line = line[end:]
	}
}

func padding(r rune) bool {
	const zeroWidthSpace, wordJoiner, byteOrderMark = 0x200B, 0x2060, 0xFEFF
	return unicode.IsSpace(r) || r == zeroWidthSpace || r == wordJoiner || r == byteOrderMark
}

// token is the text between two blanks, folded, without its quotes.
type token struct {
	chars  []char
	opened int // the index of the character after the last opening quote; -1: there is none
}

// char is a character and whether it was in quotes.
type char struct {
	r      rune
	quoted bool
}

func (t token) text() string { return text(t.chars) }

func text(chars []char) string {
	var b strings.Builder
	for _, c := range chars {
		b.WriteRune(c.r)
	}
	return b.String()
}

// starts reports whether the token begins with the text, outside quotes.
func (t token) starts(with string) bool {
	for i, r := range []rune(with) {
		if i >= len(t.chars) || t.chars[i] != (char{r: r}) {
			return false
		}
	}
	return true
}

// lexer cuts a line into tokens.
type lexer struct {
	tokens []token
	token  token
	open   rune // the opening quote
	end    rune // its closing quote; 0: outside quotes
	dashed bool // the token began with a long dash
}

func lex(line string) ([]token, *Problem) {
	l := lexer{token: token{opened: -1}}
	column := 0
	for _, r := range line {
		column++
		switch {
		case l.end != 0 && r == l.end:
			l.end = 0
		case l.end != 0:
			l.token.chars = append(l.token.chars, char{r, true})
		case r != '\t' && change.HiddenName(r) != "":
			return nil, hidden(r, column) // a joiner, which belongs into quotes
		case stray(r):
			return nil, problem(RuleStrayQuote, "quote", string(r))
		default:
			l.outside(r)
		}
	}
	if l.end != 0 {
		return nil, problem(RuleUnclosedQuote, "quote", string(l.open), "end", string(l.end))
	}
	l.cut()
	return l.tokens, nil
}

func (l *lexer) outside(r rune) {
	if end, ok := closing(r); ok {
		l.open, l.end = r, end
		l.token.opened = len(l.token.chars)
		return
	}
	if dash(r) && l.token.opened < 0 {
		if len(l.token.chars) == 0 {
			l.dashed = true
			l.token.chars = []char{{r: '-'}, {r: '-'}}
			return
		}
		// Chinese keyboards write the long dash twice.
		if l.dashed && len(l.token.chars) == len("--") {
			return
		}
	}
	if r = fold(r); r == ' ' {
		l.cut()
		return
	}
	l.token.chars = append(l.token.chars, char{r: r})
}

func (l *lexer) cut() {
	if len(l.token.chars) > 0 || l.token.opened >= 0 {
		l.tokens = append(l.tokens, l.token)
	}
	l.token, l.dashed = token{opened: -1}, false
}

// languageOf is the language of the text outside quotes: a quoted name or reason may
// be in any language.
func languageOf(tokens []token) lang.Tag {
	var b strings.Builder
	for _, t := range tokens {
		for _, c := range t.chars {
			if !c.quoted {
				b.WriteRune(c.r)
			}
		}
	}
	return lang.Of(b.String(), "")
}
