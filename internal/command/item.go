package command

import (
	"slices"
	"strings"
)

// item is a token as it is meant: a word, or a key and its value.
type item struct {
	option bool // begins with --
	hasKey bool // has a =, or is an option
	key    string
	hasVal bool // has a =
	value  string
	quoted bool // the value is in quotes, at least in part: it may be empty
}

func itemOf(t token) item {
	var it item
	if it.option = t.starts("--"); it.option {
		t.chars, t.opened = t.chars[2:], t.opened-2
	}
	i := slices.Index(t.chars, char{r: '='})
	if i < 0 {
		it.hasKey = it.option
		it.key, it.value = t.text(), t.text()
		return it
	}
	it.hasKey, it.hasVal = true, true
	it.key, it.value = text(t.chars[:i]), text(t.chars[i+1:])
	it.quoted = t.opened > i
	return it
}

// word is an item that may be a value that has lost its key.
func (it item) word() bool { return !it.hasKey }

// empty tells a key with a = and nothing behind it.
func (it item) empty() bool { return it.hasVal && it.value == "" && !it.quoted }

// mended are items with what was torn apart by blanks around a = put together
// again, and what that was.
type mended struct {
	item

	torn bool // there were blanks around the =
	bare bool // there was no =
}

// mend joins "port = 1195", "port =1195" and "port= 1195". What comes of it is
// refused all the same, but with the right thing named, and once. The first word
// is a server more likely than a key.
func mend(tokens []token) []mended {
	var out []mended
	for i := 0; i < len(tokens); i++ {
		m := mended{item: itemOf(tokens[i])}
		next := func() (item, bool) {
			if i+1 < len(tokens) {
				return itemOf(tokens[i+1]), true
			}
			return item{}, false
		}
		_, _, known := keyOf(m.key)
		if n, ok := next(); ok && (known || i > 0) && !m.hasVal && n.hasVal && n.key == "" && !n.option {
			m.torn, m.hasKey, m.hasVal, m.value, m.quoted = true, true, true, n.value, n.quoted
			i++
		}
		if n, ok := next(); ok && m.empty() && n.word() {
			m.torn, m.value, m.quoted = true, n.value, true
			i++
		}
		if m.hasVal && m.key == "" {
			m.torn = true
		}
		out = append(out, m)
	}
	return out
}

// normalKey is a key as the tables have it.
func normalKey(typed string) string { return strings.ReplaceAll(strings.ToLower(typed), "-", "_") }
