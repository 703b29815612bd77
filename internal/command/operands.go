package command

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

const maxServerName = 64

// operands assigns the words after the verb.
func (r *reader) operands() {
	words := r.words
	next := func() string {
		if len(words) == 0 {
			return ""
		}
		w := words[0]
		words = words[1:]
		return w
	}
	given := len(words) > 0
	switch first := next(); r.c.Verb.operand() {
	case aServer:
		r.server(first, given)
	case aServerOrNone:
		r.serverOrNone(first, given)
	case aChange:
		r.change(first, given)
		if r.c.Verb == Approve && len(words) > 0 {
			r.code(next())
		}
		if r.c.Verb == Confirm && len(words) > 0 {
			r.extension(next())
		}
	case aChangeOrNone:
		r.changeOrServer(first, given)
	case aVerb:
		r.topic(first, given)
	case nothing:
		if given {
			r.unexpected(first)
		}
	}
	for _, w := range words {
		r.unexpected(w)
	}
}

// unexpected explains a word that has no meaning.
func (r *reader) unexpected(word string) {
	if key, value, ok := strings.Cut(word, ":"); ok {
		if _, _, known := r.keys.find(key); known {
			r.add(RuleColonForEquals, "word", shown(word), "example", key+"="+shown(value))
			return
		}
	}
	r.add(RuleUnexpectedWord, "word", shown(word))
}

func (r *reader) server(word string, given bool) {
	region, name, ok := strings.Cut(word, "/")
	if !ok {
		region, name = "", word
	}
	if strings.HasPrefix(strings.ToLower(name), "vss-") {
		name = strings.ToLower(name)
	}
	switch {
	case !given:
		r.add(RuleMissingServer, "verb", string(r.c.Verb))
		return
	case isChangeID(name) && region == "":
		r.add(RuleChangeForServer, "verb", string(r.c.Verb), "word", shown(word))
		return
	case !validServer(name) || ok && region == "":
		r.add(RuleBadServer, "word", shown(word))
		return
	}
	r.c.Server = name
	if region == "" {
		return
	}
	if first := r.typed[keyRegion]; first != "" {
		r.add(RuleDuplicateKey, "key", shown(region+"/"), "first", shown(first))
		return
	}
	r.typed[keyRegion] = region + "/"
	r.c.Region = strings.ToLower(region)
}

func validServer(name string) bool {
	if strings.HasPrefix(name, "vss-") {
		return change.Target{RegionID: anyRegion, ServerID: name}.Valid()
	}
	return name != "" && utf8.RuneCountInString(name) <= maxServerName && name[0] != '-' &&
		!strings.ContainsFunc(name, func(c rune) bool { return !serverLetter(c) })
}

func serverLetter(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '_' || c == '.' || c == '-' || unicode.Is(unicode.Han, c)
}

func isChangeID(word string) bool {
	_, ok := change.ParseTyped(strings.ToLower(word))
	return ok
}

func (r *reader) change(word string, given bool) {
	switch {
	case !given:
		r.add(RuleMissingChange, "verb", string(r.c.Verb))
	case !isChangeID(word):
		r.add(RuleBadChange, "word", shown(word))
	default:
		r.c.Change = strings.ToLower(word)
	}
}

func (r *reader) serverOrNone(word string, given bool) {
	switch {
	case given:
		r.server(word, true)
	case r.typed[keyRegion] != "":
		r.add(RuleRegionWithoutServer, "key", shown(r.typed[keyRegion]))
	}
}

func (r *reader) changeOrServer(word string, given bool) {
	switch {
	case given && isChangeID(word):
		r.c.Change = strings.ToLower(word)
		if region := r.typed[keyRegion]; region != "" {
			r.add(RuleRegionWithoutServer, "key", shown(region))
		}
		for _, key := range []string{keyBy, keyLimit, keyMore} {
			if typed := r.typed[key]; typed != "" {
				r.add(RuleFilterOfChange, "key", shown(typed))
			}
		}
	case given:
		r.server(word, true)
	case r.typed[keyRegion] != "":
		r.add(RuleRegionWithoutServer, "key", shown(r.typed[keyRegion]))
	}
}

func (r *reader) code(word string) {
	if r.c.Code = strings.ToLower(word); !change.IsBase32(r.c.Code, change.CodeLength) {
		r.add(RuleBadCode, "word", shown(word))
	}
}

// extension reads how much longer a change may be confirmed.
func (r *reader) extension(word string) {
	d, ok := change.ParseSpan(inEnglish(strings.ToLower(word)))
	if !ok || d < change.MinConfirm || d > change.MaxConfirm {
		r.add(RuleBadExtension, "word", shown(word))
		return
	}
	r.c.Extend = d
}

func (r *reader) topic(word string, given bool) {
	if !given {
		return
	}
	v, ok := verbOf(strings.TrimPrefix(word, "/"))
	if !ok {
		r.add(RuleUnknownVerb, "verb", shown(word), "near", nearestVerb(word, false))
	}
	r.c.Topic = v
}
