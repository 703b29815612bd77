package command

import (
	"slices"
	"strings"
)

// item is a token split into its parts: a word, or a key and its value.
type item struct {
	option bool // starts with --
	hasKey bool // has an =, or is an option
	key    string
	hasVal bool // has an =
	value  string
	quoted bool // the value is at least partly in quotes, so it may be empty
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

// word reports whether the item has no key.
func (it item) word() bool { return !it.hasKey }

// empty reports whether there is an = and nothing after it.
func (it item) empty() bool { return it.hasVal && it.value == "" && !it.quoted }

// joined is an item whose parts may have been separated by blanks.
type joined struct {
	item

	spaced bool // there were blanks around the =
	bare   bool // there was no =
}

// join joins "port = 1195", "port =1195" and "port= 1195". Such an item is refused,
// but with one problem that shows the right form. The first word is more likely a
// server than a key.
func join(tokens []token, keys keyTable) []joined {
	var out []joined
	for i := 0; i < len(tokens); i++ {
		m := joined{item: itemOf(tokens[i])}
		next := func() (item, bool) {
			if i+1 < len(tokens) {
				return itemOf(tokens[i+1]), true
			}
			return item{}, false
		}
		_, _, known := keys.find(m.key)
		if n, ok := next(); ok && (known || i > 0) && !m.hasVal && n.hasVal && n.key == "" && !n.option {
			m.spaced, m.hasKey, m.hasVal, m.value, m.quoted = true, true, true, n.value, n.quoted
			i++
		}
		if n, ok := next(); ok && m.empty() && n.word() {
			m.spaced, m.value, m.quoted = true, n.value, true
			i++
		}
		if m.hasVal && m.key == "" {
			m.spaced = true
		}
		out = append(out, m)
	}
	return out
}

// normalKey is a key in the form of the tables.
func normalKey(typed string) string { return strings.ReplaceAll(strings.ToLower(typed), "-", "_") }
