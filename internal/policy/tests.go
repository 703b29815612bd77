package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
)

// Tests is the number of tests of the policy, all of which hold.
func (p *Policy) Tests() int { return p.tests }

// tests reads the tests. What they say is compared with the policy by judge.
func (r *reader) tests(root *document.Node) {
	seen := map[string]bool{}
	for _, e := range r.list(root, "", keyTests, maxTests) {
		switch {
		case e.Kind != document.KindText:
			r.Add(change.Problem{Path: e.path, Line: e.Line, Rule: change.RuleWrongType, Message: "an entry of tests is a text, not " + e.Describe(), Hint: "put each test in quotes"})
		case seen[e.Text]:
			r.on(e, RuleDuplicateEntry, shown(e.Text)+" is listed twice in tests", "keep one of the two")
		case utf8.RuneCountInString(e.Text) > maxTestLength:
			r.on(e, RuleTestSyntax, fmt.Sprintf("the test has more than %d characters", maxTestLength), "write several tests, or patterns")
		default:
			seen[e.Text] = true
			s := sentence{reader: r, at: e, words: testWords(e.Text), before: len(r.Problems)}
			if t, ok := s.read(); ok {
				r.stated = append(r.stated, t)
			}
		}
	}
	r.policy.tests = len(r.stated)
}

// test is a statement about the policy. It is about each of its servers, and each of
// its settings.
type test struct {
	at       entry
	servers  []selector
	settings []change.Field // nil for what does not depend on settings

	who   *subject // nil for a statement about changes
	deed  act
	lift  int // the freeze that a deed overrides
	claim claim
	rules string // the key of the rules that a claim is about
}

// claim is what a test says about changes of a setting of a server. It returns what the
// policy says instead; "" if it says the same.
type claim func(j *judge, setting, server int) string

// testWords cuts a test at ordinary blanks into words, and commas at their ends.
func testWords(text string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' }) {
		bare := strings.TrimRight(word, ",")
		if bare != "" {
			out = append(out, bare)
		}
		if bare != word {
			out = append(out, word[len(bare):])
		}
	}
	return out
}

// sentence reads the words of one test.
type sentence struct {
	*reader

	at     entry
	words  []string
	done   int // words that were read
	before int // problems before this test
}

// read reads the whole test; ok is false if there is a problem with it.
func (s *sentence) read() (t test, ok bool) {
	only := s.take("only")
	first := s.several()
	t.at = s.at
	switch {
	case len(first) == 0:
		s.refuse("the test is empty, or lacks a name", "write a person or a setting first, "+testExample)
	case s.take("may"):
		s.deeds(&t, first, only)
	case only:
		s.expected("may", "may")
	case s.take("of"):
		t.settings = s.fields(first)
		t.servers = s.targets()
		s.claims(&t)
	default:
		s.expected("may or of", "may", "of")
	}
	if s.done < len(s.words) && s.fine() {
		s.refuse("nothing is expected after "+shown(s.behind())+", and there is "+shown(s.peek()), "write one statement in each test")
	}
	return t, s.fine()
}

const testExample = `such as "mei may not apply port to office-*", or "port of office-* needs 1"`

// fine reports whether there is no problem with the test so far.
func (s *sentence) fine() bool { return len(s.Problems) == s.before }

// refuse adds a problem with the words of the test, if it is its first.
func (s *sentence) refuse(message, hint string) {
	if s.fine() {
		s.on(s.at, RuleTestSyntax, message, hint)
	}
}

// expected refuses the next word; known are the words that could be there.
func (s *sentence) expected(what string, known ...string) {
	found := "the test ends"
	if s.peek() != "" {
		found = "there is " + shown(s.peek())
	}
	hint := "docs/policy.md lists the forms of tests, " + testExample
	if near := s.near(s.peek(), known); near != "" {
		hint = nearestIs(near) + hint
	}
	if s.done == 0 {
		s.refuse(what+" is expected, and "+found, hint)
		return
	}
	s.refuse(what+" is expected after "+shown(s.behind())+", and "+found, hint)
}

// peek is the next word; "" at the end.
func (s *sentence) peek() string {
	if s.done == len(s.words) {
		return ""
	}
	return s.words[s.done]
}

// behind are the words that were read.
func (s *sentence) behind() string {
	return strings.ReplaceAll(strings.Join(s.words[:s.done], " "), " ,", ",")
}

// next reads a word; "" at the end.
func (s *sentence) next() string {
	word := s.peek()
	if word != "" {
		s.done++
	}
	return word
}

// take reads these words if they come next.
func (s *sentence) take(words ...string) bool {
	for i, word := range words {
		if s.done+i >= len(s.words) || s.words[s.done+i] != word {
			return false
		}
	}
	s.done += len(words)
	return true
}

// several reads words that are separated by commas, and, or.
func (s *sentence) several() []string {
	var out []string
	for {
		word := s.next()
		if strings.Trim(word, ",") == "" {
			return nil
		}
		out = append(out, word)
		comma := s.take(",")
		if !s.take("and") && !s.take("or") && !comma {
			return out
		}
	}
}
