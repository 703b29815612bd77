package command

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// tableOf reads a table of texts.
func tableOf(table string) map[Rule]string {
	out := map[Rule]string{}
	for line := range strings.Lines(table) {
		name, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		out[Rule(name)] = text
	}
	return out
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	en, zh := tableOf(englishRules), tableOf(chineseRules)
	var rules []Rule
	for _, name := range gosource.Constants(t, ".", "Rule") {
		rules = append(rules, Rule(name))
	}
	slices.Sort(rules)
	if got := slices.Sorted(maps.Keys(en)); !slices.Equal(got, rules) {
		t.Errorf("English has %q, the rules are %q", got, rules)
	}
	if got := slices.Sorted(maps.Keys(zh)); !slices.Equal(got, rules) {
		t.Errorf("Chinese has %q, the rules are %q", got, rules)
	}
	for rule, text := range en {
		if got, want := placeholders(zh[rule]), placeholders(text); !slices.Equal(got, want) {
			t.Errorf("%s: Chinese names %q, English %q", rule, got, want)
		}
		if lang.Of(text, "") != "" || lang.Of(zh[rule], "") != lang.Chinese {
			t.Errorf("%s: %q, %q", rule, text, zh[rule])
		}
	}
}

func TestHelpIsCorrectInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, tag := range []lang.Tag{lang.English, lang.Chinese} {
		summary := Summary(tag)
		if len(summary) != len(Verbs()) {
			t.Errorf("%s: %d of %d verbs", tag, len(summary), len(Verbs()))
		}
		for _, h := range summary {
			c, err := Parse(h.Example)
			if err != nil || c.Verb != h.Verb || lang.Of(h.Says, lang.English) != tag || lang.Of(h.Syntax, lang.English) != tag || (c.Lang == lang.Chinese) != (tag == lang.Chinese) {
				t.Errorf("%s: %+v: the example is %#v, %v", tag, h, c, err)
			}
			if h != Usage(h.Verb, tag) {
				t.Errorf("%s: Usage(%s) differs", tag, h.Verb)
			}
		}
	}
	if (Usage("nothing", lang.English) != HelpText{}) {
		t.Error("there is help for no verb")
	}
}

// Help explains every key of a verb in both languages, with an example that is accepted.
func TestHelpExplainsEveryKey(t *testing.T) {
	t.Parallel()
	for _, v := range Verbs() {
		n := 0
		for _, k := range Keys() {
			if slices.Contains(k.Verbs, v) {
				n++
			}
		}
		for _, tag := range []lang.Tag{lang.English, lang.Chinese} {
			keys := KeysOf(v, tag)
			if len(keys) != n {
				t.Errorf("%s: %d of %d keys", v, len(keys), n)
			}
			for _, k := range keys {
				line := string(v) + " vss-a " + k.Example
				if v.operand() == aChange {
					line = string(v) + " 20261122-7f3akqxcd2 " + k.Example
				}
				if v.sets() && !strings.Contains(k.Example, "port=") && !strings.Contains(k.Example, "端口=") {
					line += " port=1"
				}
				if strings.Contains(k.Example, "override=") || strings.Contains(k.Example, "豁免=") {
					line += " reason=x"
				}
				if c, err := Parse(line); err != nil || c.Lang != lang.Of(k.Example, "") {
					t.Errorf("%s: %+v, %v", line, c, err)
				}
				if lang.Of(k.Says, lang.English) != tag && !strings.Contains(k.Says, "TCP") || k.Says == "" || tag == lang.Chinese && lang.Of(k.Example, "") != tag {
					t.Errorf("%s: %+v", tag, k)
				}
			}
		}
	}
}

func TestEveryWordOfAKeyIsAccepted(t *testing.T) {
	t.Parallel()
	seen, keys := map[string]bool{}, keyTable(Keys())
	for _, k := range keys {
		for _, w := range k.all() {
			got, expected, ok := keys.find(w)
			if !ok || expected || got.Name != k.Name || normalKey(w) != w || seen[w] {
				t.Errorf("%s is %+v, %v; twice: %v", w, got, ok, seen[w])
			}
			seen[w] = true
			got, expected, ok = keys.find(expectPrefixChinese + w)
			if ok != (k.Field != "") || expected != ok || (ok && got.Name != expectPrefix+k.Name) {
				t.Errorf("of expect, %s is %+v, %v", w, got, ok)
			}
		}
		for _, v := range k.Verbs {
			if r := (reader{c: Command{Verb: v}, typed: map[string]string{}}); k.Field == "" {
				r.option(k, exampleOf(k))
				if len(r.problems) > 0 {
					t.Errorf("the example of %s is refused: %v", k.Name, r.problems)
				}
				continue
			}
			if c, err := Parse(string(v) + " vss-a " + k.Name + "=" + exampleOf(k)); err != nil || len(c.Patch) != 1 {
				t.Errorf("the example of %s: %v", k.Name, err)
			}
		}
	}
}
