package command

import (
	"slices"
	"strconv"
	"strings"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lang"
)

// Parse reads a line. It fails with *Error and nothing else.
//
// Rules that need a clock are not judged: whoever knows the time checks what
// the command becomes with change.Validate.
func Parse(line string) (Command, error) {
	line = strings.TrimSpace(line) // what stands around a message belongs to nobody
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
	verb, p := readVerb(tokens[0])
	if p != nil {
		return Command{}, refuse("", tag, *p)
	}
	r := reader{c: Command{Verb: verb, Lang: tag}, typed: map[string]string{}}
	if verb.sets() {
		r.c.Patch = change.Patch{}
	}
	r.read(mend(tokens[1:]))
	if len(r.problems) > 0 {
		return Command{}, refuse(verb, tag, r.problems...)
	}
	// Names and quotes can be longer in the form that String writes.
	if p := checkLine(r.c.String()); p != nil {
		return Command{}, refuse(verb, tag, *p)
	}
	return r.c, nil
}

// withoutMentions drops the bot's name and a slash that stands alone.
func withoutMentions(tokens []token) []token {
	for len(tokens) > 0 && tokens[0].starts("@") {
		tokens = tokens[1:]
	}
	if len(tokens) > 0 && tokens[0].text() == "/" {
		tokens = tokens[1:]
	}
	return tokens
}

// reader gathers a command and what is wrong with it.
type reader struct {
	c        Command
	typed    map[string]string // keys as they were typed, by name
	words    []string
	problems []Problem
}

func (r *reader) add(rule Rule, params ...string) {
	r.problems = append(r.problems, *problem(rule, params...))
}

func (r *reader) read(items []mended) {
	for i := 0; i < len(items); i++ {
		m := items[i]
		if r.lostEquals(m) {
			m.bare, m.hasKey = true, true
			if i+1 < len(items) && items[i+1].word() {
				i++ // its value, very likely
			}
		}
		if m.hasKey {
			r.keyed(m)
		} else {
			r.words = append(r.words, m.value)
		}
	}
	r.operands()
	sets := func(k Key) bool { return k.Field != "" && r.typed[k.Name] != "" }
	if r.c.Verb.sets() && !slices.ContainsFunc(Keys(), sets) && !r.said() {
		r.add(RuleNoSettings, "verb", string(r.c.Verb))
	}
	r.validate()
}

// said tells whether an item could not be read: it may have been the setting
// that is missing.
func (r *reader) said() bool {
	unread := []Rule{RuleUnknownKey, RuleSpacesAroundEquals, RuleColonForEquals, RuleMissingValue, RuleUnexpectedWord}
	return slices.ContainsFunc(r.problems, func(p Problem) bool { return slices.Contains(unread, p.Rule) })
}

// lostEquals tells a key without a =, as in "port 1195" and "--port 1195". The
// first word is the server, whatever it is called.
func (r *reader) lostEquals(m mended) bool {
	if m.hasVal || m.quoted {
		return false
	}
	k, _, known := keyOf(m.key)
	if !known || !slices.Contains(k.Verbs, r.c.Verb) {
		return false
	}
	if m.option {
		return k.Name != keyDryRun
	}
	return len(r.words) > 0
}

func (r *reader) keyed(m mended) {
	shownAs := shown(m.key)
	k, expected, known := keyOf(m.key)
	switch {
	case m.torn && !known:
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
	case m.torn:
		r.add(RuleSpacesAroundEquals, "example", m.key+"="+shown(m.value))
	case k.Name == keyDryRun && m.option && !m.hasVal:
		r.c.DryRun = true
	case m.bare || !m.hasVal || m.empty():
		r.add(RuleMissingValue, "key", shownAs, "example", m.key+"="+exampleOf(k))
	default:
		r.value(k, expected, m.value)
	}
}

func (r *reader) unknownKey(m mended, shownAs string) {
	if near := nearestKey(r.c.Verb, m.key); near != "" {
		if m.option && !m.hasVal && near == keyDryRun {
			near = "--dry-run"
		}
		r.add(RuleUnknownKey, "key", shownAs, "near", near)
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
