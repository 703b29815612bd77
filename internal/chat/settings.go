package chat

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// MinSecret is the minimum length of a secret, in bytes.
const MinSecret = 16

// MaxSetting bounds a value, in bytes.
const MaxSetting = 512

// ParseSettings reads the value of a platform's variable and reports everything
// that is wrong with it. An error begins with the variable's name. It repeats
// neither values nor unknown keys: an unknown key may be a secret whose key was
// forgotten.
func ParseSettings(spec Spec, value string) (Settings, []error) {
	spec.Keys = spec.AllKeys()
	p := settingsParser{spec: spec, values: map[string][]secret.Text{}}
	for i, entry := range strings.Split(value, ";") {
		p.entry(i+1, strings.TrimSpace(entry))
	}
	for _, k := range spec.Keys {
		if k.Required && !slices.Contains(p.named, k.Name) {
			p.report("has no %s: %s", k.Name, k.Meaning)
		}
	}
	if len(p.problems) > 0 {
		return Settings{}, p.problems
	}
	return Settings{p.values}, nil
}

type settingsParser struct {
	spec     Spec
	values   map[string][]secret.Text
	named    []string // the keys that were given, also those with an invalid value
	problems []error
}

func (p *settingsParser) report(format string, args ...any) {
	p.problems = append(p.problems, fmt.Errorf(p.spec.Variable+" "+format, args...))
}

func (p *settingsParser) entry(number int, text string) {
	name, value, ok := strings.Cut(text, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok {
		p.report("entry %d is not of the form key=value; entries are separated by \";\"", number)
		return
	}
	i := slices.IndexFunc(p.spec.Keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		var known []string
		for _, k := range p.spec.Keys {
			known = append(known, k.Name)
		}
		if near := nearest.Word(name, known); near != "" {
			p.report("entry %d has an unknown key; the nearest known one is %s", number, near)
			return
		}
		p.report("entry %d has an unknown key; the keys are %s", number, strings.Join(known, ", "))
		return
	}
	k := p.spec.Keys[i]
	p.named = append(p.named, k.Name)
	given := p.values[k.Name]
	switch {
	case value == "":
		p.report("entry %d: %s has no value", number, k.Name)
	case len(value) > MaxSetting:
		p.report("entry %d: %s has more than %d bytes", number, k.Name, MaxSetting)
	case strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		p.report("entry %d: the value of %s contains a blank or a control character; was it copied completely?", number, k.Name)
	case k.Secret && len(value) < MinSecret:
		p.report("entry %d: %s has %d bytes; a secret has at least %d", number, k.Name, len(value), MinSecret)
	case slices.ContainsFunc(given, func(t secret.Text) bool { return t.Matches(value) }):
		p.report("entry %d: %s is given twice with the same value; remove one", number, k.Name)
	case len(given) == k.Most:
		p.report("entry %d: %s is given more than %d times; keep the current one and, during a rotation, the previous one", number, k.Name, k.Most)
	default:
		p.values[k.Name] = append(given, secret.New(value))
	}
}
