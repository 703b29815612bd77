package command

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Parse reads a line. Its error is always an *Error.
//
// Rules that need a clock are not checked: the caller checks the resulting request
// with change.Validate.
func Parse(line string) (Command, error) {
	if len(line) <= maxPadded {
		line = withoutPadding(line)
	}
	if len(line) <= maxPadded {
		if e := forAnotherTool(line); e != nil {
			return Command{}, e
		}
	}
	if p := checkLine(line); p != nil {
		return Command{}, refuse("", lang.Of(line, ""), *p)
	}
	tokens, p := lex(line)
	if p != nil {
		return Command{}, refuse("", lang.Of(line, ""), *p)
	}
	tag := languageOf(tokens)
	tokens = withoutMentions(tokens)
	switch {
	case len(tokens) == 0:
		return Command{}, refuse("", tag, *problem(RuleEmpty))
	case len(tokens) > MaxItems:
		return Command{}, refuse("", tag, *problem(RuleTooManyItems, "items", strconv.Itoa(len(tokens)), "most", strconv.Itoa(MaxItems)))
	}
	verb, p := readVerb(tokens)
	if p != nil {
		return Command{}, refuse("", tag, *p)
	}
	r := reader{c: Command{Verb: verb, Lang: tag}, keys: Keys(), typed: map[string]string{}}
	if verb.sets() {
		r.c.Patch = change.Patch{}
	}
	r.read(join(tokens[1:], r.keys))
	if len(r.problems) > 0 {
		return Command{}, refuse(verb, tag, r.problems...)
	}
	// String may write longer names and quotes than the line has.
	if p := checkLine(r.c.String()); p != nil {
		return Command{}, refuse(verb, tag, *p)
	}
	return r.c, nil
}

// withoutMentions drops mentions of the bot and a slash that is a token of its own.
func withoutMentions(tokens []token) []token {
	for len(tokens) > 0 && tokens[0].starts("@") {
		tokens = tokens[1:]
	}
	if len(tokens) > 0 && tokens[0].text() == "/" {
		tokens = tokens[1:]
	}
	return tokens
}

// reader collects a command and its problems.
type reader struct {
	c        Command
	keys     keyTable
	typed    map[string]string // keys as typed, by name
	words    []string
	problems []Problem
}

func (r *reader) add(rule Rule, params ...string) {
	r.problems = append(r.problems, *problem(rule, params...))
}

func (r *reader) read(items []joined) {
	for i := 0; i < len(items); i++ {
		var taken bool
		m := items[i]
		if i+1 < len(items) && items[i+1].word() {
			m, taken = r.withValue(m, items[i+1].value)
		} else if r.lostEquals(m) {
			m.bare, m.hasKey = true, true
		}
		if taken {
			i++
		}
		if m.hasKey {
			r.keyed(m)
		} else {
			r.words = append(r.words, m.value)
		}
	}
	r.operands()
	sets := func(k Key) bool { return k.Field != "" && r.typed[k.Name] != "" }
	if r.c.Verb.sets() && !slices.ContainsFunc(r.keys, sets) && !r.unreadable() {
		r.add(RuleNoSettings, "verb", string(r.c.Verb))
	}
	r.validate()
}

// withValue is an item that a word follows, which may be a part of it.
func (r *reader) withValue(m joined, word string) (out joined, taken bool) {
	switch {
	case r.lostEquals(m): // the word is probably its value
		m.bare, m.hasKey = true, true
		if m.option && r.filters(m) { // "--since 7d", as in a shell
			m.bare, m.hasVal, m.value = false, true, word
		}
		return m, true
	case m.hasVal && !m.spaced && r.takesClock(m) && isClock(word): // "at=tomorrow 02:00"
		m.value += " " + word
		return m, true
	default:
		return m, false
	}
}

// unreadable reports whether an item could not be read. It may have been the
// setting that is missing.
func (r *reader) unreadable() bool {
	rules := []Rule{RuleUnknownKey, RuleSpacesAroundEquals, RuleColonForEquals, RuleMissingValue, RuleUnexpectedWord}
	return slices.ContainsFunc(r.problems, func(p Problem) bool { return slices.Contains(rules, p.Rule) })
}

// lostEquals reports whether a key lacks its =, as in "port 1195" and
// "--port 1195". The first word is always the server.
func (r *reader) lostEquals(m joined) bool {
	if m.hasVal || m.quoted {
		return false
	}
	k, _, known := r.keys.find(m.key)
	if !known || !slices.Contains(k.Verbs, r.c.Verb) {
		return false
	}
	if m.option {
		return k.Name != keyDryRun
	}
	return len(r.words) > 0
}

// takesClock reports whether a time of day may follow an item: it has a day alone.
func (r *reader) takesClock(m joined) bool {
	k, _, known := r.keys.find(m.key)
	return known && (k.Name == keyAt || k.Name == keyUntil) && isDay(m.value)
}

func (r *reader) keyed(m joined) {
	shownAs := shown(m.key)
	k, expected, known := r.keys.find(m.key)
	switch {
	case m.spaced && !known:
		r.add(RuleSpacesAroundEquals, "example", "port=1195")
		return
	case !known:
		r.unknownKey(m, shownAs)
		return
	case !slices.Contains(k.Verbs, r.c.Verb):
		r.add(RuleMisplacedKey, "key", shownAs, "verb", string(r.c.Verb), "verbs", verbList(k.Verbs))
		return
	case r.typed[k.Name] != "":
		r.add(RuleDuplicateKey, "key", shownAs, "first", shown(r.typed[k.Name]))
		return
	}
	r.typed[k.Name] = m.key
	switch {
	case m.spaced:
		r.add(RuleSpacesAroundEquals, "example", m.key+"="+shown(m.value))
	case k.Name == keyDryRun && m.option && !m.hasVal:
		r.c.DryRun = true
	case m.bare || !m.hasVal || m.empty():
		r.add(RuleMissingValue, "key", shownAs, "example", m.key+"="+exampleOf(k))
	default:
		r.value(k, expected, m.value)
	}
}

func (r *reader) unknownKey(m joined, shownAs string) {
	if near := r.keys.nearest(r.c.Verb, m.key); near != "" {
		if m.option && !m.hasVal && near == keyDryRun {
			near = "--dry-run"
		}
		r.add(RuleUnknownKey, "key", shownAs, "near", near)
		return
	}
	if r.keys.accepts(r.c.Verb) {
		r.add(RuleUnknownKey, "key", shownAs, "near", "", "verb", string(r.c.Verb))
		return
	}
	r.add(RuleNoKeys, "key", shownAs, "verb", string(r.c.Verb))
}

func verbList(verbs []Verb) string {
	var out []string
	for _, v := range verbs {
		out = append(out, string(v))
	}
	return strings.Join(out, ", ")
}
