package command

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Error is the error of Parse: everything that is wrong with a line.
type Error struct {
	Rule     Rule      // of the first problem
	Verb     Verb      // of the line; "" when not known
	Lang     lang.Tag  // of the line; "" when its words do not show it
	Problems []Problem // at least one, in the order of the line, then of the settings
	Meant    *Command  // of a line for another program; nil where it means no command
}

// Problem is one thing that is wrong with a line, and how to fix it.
type Problem struct {
	Rule   Rule
	Params map[string]string // the values in its text, without those of unknown keys

	cause *change.Problem // the broken rule of package change; nil for others
}

//go:noinline
func refuse(v Verb, tag lang.Tag, problems ...Problem) *Error {
	return &Error{Rule: problems[0].Rule, Verb: v, Lang: tag, Problems: problems}
}

// problem accepts its parameters as alternating names and values. It is not inlined,
// because it is called in many places.
//
//go:noinline
func problem(rule Rule, params ...string) *Problem {
	p := &Problem{Rule: rule, Params: map[string]string{}}
	for i := 0; i+1 < len(params); i += 2 {
		p.Params[params[i]] = params[i+1]
	}
	return p
}

// Error is the English text with the rules' names.
func (e *Error) Error() string {
	var out []string
	for _, p := range e.Problems {
		out = append(out, p.Text(lang.English)+" ["+string(p.Rule)+"]")
	}
	return strings.Join(out, " ")
}

// Text says on one line what is wrong and what to write instead. Without a tag it
// is in the language of the line, or else in English.
func (e *Error) Text(tag lang.Tag) string { return strings.Join(e.Lines(tag), " ") }

// Lines is Text with a line for each problem.
func (e *Error) Lines(tag lang.Tag) []string {
	if tag == "" {
		tag = e.Lang
	}
	var out []string
	for _, p := range e.Problems {
		out = append(out, p.Text(tag))
	}
	return out
}

// Text says what is wrong, in Chinese or else in English.
func (p Problem) Text(tag lang.Tag) string {
	return joinPieces(p.Pieces(tag))
}

// Pieces is Text in its parts.
func (p Problem) Pieces(tag lang.Tag) []Piece {
	if p.cause != nil {
		return ExplainPieces(p.Params["key"], p.Params["value"], *p.cause, tag)
	}
	return Fill(p.template(tag), func(name string) string { return p.Params[name] })
}

// shown renders a piece of a line for a message: on one line, with invisible
// characters escaped, and shortened.
func shown(s string) string {
	const limit = 40
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit]) + "…"
	}
	odd := func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' || r == '"' || r == '\'' }
	if s == "" || strings.ContainsFunc(s, odd) {
		return strconv.Quote(s)
	}
	return s
}
