package chat

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// MinSecret is the fewest bytes of a secret.
const MinSecret = 16

// MaxSetting bounds a value, in bytes.
const MaxSetting = 512

// ParseSettings reads the value of a platform's variable and reports everything
// that is wrong with it. An error begins with the variable's name and repeats
// nothing of what was typed, neither values nor unknown keys: what stands in the
// place of a key may be a secret whose key was forgotten.
func ParseSettings(spec Spec, value string) (Settings, []error) {
	p := settingsParser{spec: spec, settings: Settings{}}
	for i, entry := range strings.Split(value, ";") {
		p.entry(i+1, strings.TrimSpace(entry))
	}
	for _, k := range spec.Keys {
		if k.Required && !p.seen(k.Name) {
			p.report("has no %s: %s", k.Name, k.Meaning)
		}
	}
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	return p.settings, nil
}

type settingsParser struct {
	spec     Spec
	settings Settings
	named    []string // keys that stand there, also with a value that was refused
	problems []error
}

func (p *settingsParser) report(format string, args ...any) {
	p.problems = append(p.problems, fmt.Errorf(p.spec.Variable+" "+format, args...))
}

func (p *settingsParser) seen(key string) bool { return slices.Contains(p.named, key) }

func (p *settingsParser) entry(number int, text string) {
	name, value, ok := strings.Cut(text, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok {
		p.report("entry %d is not of the form key=value; entries are separated by \";\"", number)
		return
	}
	i := slices.IndexFunc(p.spec.Keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		p.report("entry %d has a key that is not known; the nearest known one is %s", number, p.nearest(name))
		return
	}
	k := p.spec.Keys[i]
	p.named = append(p.named, k.Name)
	switch {
	case value == "":
		p.report("entry %d: %s has no value", number, k.Name)
	case len(value) > MaxSetting:
		p.report("entry %d: %s has more than %d bytes", number, k.Name, MaxSetting)
	case strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		p.report("entry %d: the value of %s has a blank or a control character in it; was it copied whole?", number, k.Name)
	case k.Secret && len(value) < MinSecret:
		p.report("entry %d: %s has %d bytes; a secret has at least %d", number, k.Name, len(value), MinSecret)
	case slices.Contains(p.settings[k.Name], value):
		p.report("entry %d: %s stands twice with the same value; remove one", number, k.Name)
	case len(p.settings[k.Name]) == max(k.Most, 1):
		p.report("entry %d: %s stands more than %d times; keep the current one, and while it is replaced the one before", number, k.Name, max(k.Most, 1))
	default:
		p.settings[k.Name] = append(p.settings[k.Name], value)
	}
}

// nearest finds the known key that takes the fewest edits, in any case.
func (p *settingsParser) nearest(name string) string {
	best, least := "", 0
	for _, k := range p.spec.Keys {
		if d := edits(strings.ToLower(name), strings.ToLower(k.Name)); best == "" || d < least {
			best, least = k.Name, d
		}
	}
	return best
}

// edits is the Levenshtein distance in bytes, of the first 64 of each.
func edits(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
