package slsquery

import (
	"fmt"
	"strings"
	"unicode"
)

// token is one token; text is without quotes.
type token struct {
	kind byte // 'i': a name, 'q': a quoted name or phrase, 's': a text, 'n': a number, 'o': an operator, 0: the end
	text string
}

// lex reads the tokens of SQL, or of a search, in which a name also has . and -.
func lex(s string, search bool) ([]token, error) {
	var out []token
	for s = strings.TrimLeft(s, " \n\t"); s != ""; s = strings.TrimLeft(s, " \n\t") {
		t, length, err := first(s, search)
		if err != nil {
			return nil, err
		}
		out, s = append(out, t), s[length:]
	}
	return append(out, token{}), nil
}

// first is the first token, and its length.
func first(s string, search bool) (t token, length int, err error) {
	switch c := rune(s[0]); {
	case c == '"' || c == '\'':
		end := strings.IndexRune(s[1:], c)
		if end < 0 {
			return token{}, 0, fmt.Errorf("a quote is not closed at %q", s)
		}
		kind := byte('q')
		if c == '\'' {
			kind = 's'
		}
		return token{kind, s[1 : 1+end]}, end + 2, nil
	case unicode.IsDigit(c) && !search:
		n := len(s) - len(strings.TrimLeft(s, "0123456789."))
		return token{'n', s[:n]}, n, nil
	case isName(c, search):
		n := len(s) - len(strings.TrimLeftFunc(s, func(r rune) bool { return isName(r, search) }))
		return token{'i', s[:n]}, n, nil
	}
	for _, sign := range []string{"<>", "<=", ">=", "!=", "(", ")", "*", ",", "+", "-", "/", "%", "<", ">", "=", ":"} {
		if strings.HasPrefix(s, sign) {
			return token{'o', sign}, len(sign), nil
		}
	}
	return token{}, 0, fmt.Errorf("unknown sign at %q", s)
}

func isName(r rune, search bool) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || search && (r == '.' || r == '-')
}

// parser goes through tokens.
type parser struct {
	tokens []token
	at     int
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != 0 {
		p.at++
	}
	return t
}

// word takes a word or an operator, in any case, if it is the next token.
func (p *parser) word(text string) bool {
	t := p.peek()
	if (t.kind == 'i' || t.kind == 'o') && strings.EqualFold(t.text, text) {
		p.at++
		return true
	}
	return false
}

func (p *parser) need(text string) error {
	if !p.word(text) {
		return fmt.Errorf("%q is missing before %q", text, p.peek().text)
	}
	return nil
}
