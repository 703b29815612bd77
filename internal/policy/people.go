package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// people reads people and their accounts.
func (r *reader) people(root *document.Node) {
	p := r.policy
	p.accounts, p.assistants = map[Account]string{}, map[string]bool{}
	first := map[string]string{}  // names in lower case, to paths
	alike := map[string]string{}  // skeletons to names
	owner := map[Account]string{} // principals, to paths
	for _, e := range r.mappings(root, "", keyPeople, maxPeople, keyLang, keyTimeZone, keyAssistant) {
		name, ok := r.text(e, keyName)
		folded := strings.ToLower(name)
		switch {
		case !ok:
		case !validName(name, "._-@"):
			r.at(e, keyName, RulePersonNameFormat, shown(name)+" is not a valid name for a person", "use at most 64 letters, digits, periods, underscores, hyphens and @, such as zhang.san")
		case first[folded] != "":
			r.at(e, keyName, RulePersonDuplicate, shown(name)+" is already at "+first[folded], "put all accounts of a person under one name, or give different people different names")
		case alike[r.alikes.of(name)] != "":
			r.alike(e, name, alike[r.alikes.of(name)])
		default:
			first[folded] = e.path
			alike[r.alikes.of(name)] = name
			who := Person{Name: name, Lang: r.lang(e), Zone: r.zone(e), Assistant: r.flag(e, keyAssistant, false)}
			p.people = append(p.people, who)
			if who.Assistant {
				p.assistants[name] = true
			}
		}
		r.accounts(e, name, owner)
	}
}

func (r *reader) lang(e entry) lang.Tag {
	text, ok := r.text(e, keyLang)
	switch tag := lang.Tag(text); {
	case !ok || tag == lang.English || tag == lang.Chinese:
		return tag
	default:
		r.at(e, keyLang, RuleLangUnknown, shown(text)+" is not a supported language", "write zh or en, or remove the key")
		return ""
	}
}

func (r *reader) accounts(person entry, name string, owner map[Account]string) {
	if m, ok := person.Member(keyAccounts); ok && m.Value.Kind == document.KindList && len(m.Value.Items) == 0 {
		r.at(person, keyAccounts, RuleEmptyList, "accounts is empty", "add an account, or remove the person")
	}
	for _, e := range r.mappings(person.Node, person.path, keyAccounts, maxAccounts, keyTenant) {
		a, ok := r.account(e)
		if !ok {
			continue
		}
		same := a.Principal()
		if at := owner[same]; at != "" {
			r.on(e, RuleAccountShared, "the account "+a.String()+" is already at "+at, "list each account once; WeCom ignores the case of user ids, and all sessions of a RAM role are one account")
			continue
		}
		owner[same] = e.path
		r.policy.accounts[same] = name
	}
}

// account reads one account; ok is false if there is a problem with it.
func (r *reader) account(e entry) (a Account, ok bool) {
	before := len(r.Problems)
	a.Channel, ok = r.text(e, keyChannel)
	if ok && !slices.Contains(Channels(), a.Channel) {
		r.at(e, keyChannel, RuleDoorUnknown, shown(a.Channel)+" is not a channel", nearestIs(r.near(a.Channel, Channels()))+"the channels are "+strings.Join(Channels(), ", "))
		ok = false
	}
	_, tenant := e.Member(keyTenant)
	switch {
	case !ok:
	case isChat(a.Channel) && !tenant && !r.Reported(document.Join(e.path, keyTenant)):
		r.Add(change.Problem{Path: document.Join(e.path, keyTenant), Line: e.Line, Rule: RuleKeyMissing, Message: "tenant is missing", Hint: "add the corporation, workspace or tenant key of " + a.Channel + "; user ids are unique only within it"})
	case !isChat(a.Channel) && tenant:
		r.at(e, keyTenant, RuleTenantNotTaken, "accounts of "+a.Channel+" have no tenant", "remove it")
	}
	a.Tenant = r.part(e, keyTenant)
	a.User = r.part(e, keyUser)
	return a, ok && a.User != "" && len(r.Problems) == before
}

// part reads tenant or user.
func (r *reader) part(e entry, key string) string {
	text, ok := r.text(e, key)
	if !ok {
		return ""
	}
	odd := func(c rune) bool { return change.HiddenName(c) != "" || unicode.IsSpace(c) }
	if n := utf8.RuneCountInString(text); n == 0 || n > maxAccountPartLength || strings.ContainsFunc(text, odd) {
		hint := "write 1 to 128 characters without blanks; the answer that refuses an account shows its ids"
		if key == keyRoom {
			hint = "write 1 to 128 characters without blanks; the page of the platform in docs/chat says where its id is"
		}
		r.at(e, key, RuleAccountFormat, shown(text)+" is not the id of a "+key, hint)
		return ""
	}
	return text
}

// alike adds the problem that a name looks like an earlier one.
func (r *reader) alike(e entry, name, earlier string) {
	message := shown(name) + " looks like " + shown(earlier)
	foreign := func(c rune) bool { return r.alikes.latinOf(c) != 0 && !strings.ContainsRune(earlier, c) }
	if i := strings.IndexFunc(name, foreign); i >= 0 {
		c, _ := utf8.DecodeRuneInString(name[i:])
		message += fmt.Sprintf(": it is written with %c (%U)", c, c)
	}
	r.at(e, keyName, RuleNameLookAlike, message, "give one of the two a name that nobody can confuse")
}

// validName reports whether a name contains only letters, digits and the given
// signs, and starts with a letter or a digit. Not allowed are full-width forms,
// because commands read them as the plain letters, and second forms of a letter,
// which are shown as the first.
func validName(name, signs string) bool {
	word := func(c rune) bool {
		return (unicode.IsLetter(c) || unicode.IsDigit(c)) && !secondForm(c) && change.HiddenName(c) == ""
	}
	start, _ := utf8.DecodeRuneInString(name)
	return name != "" && utf8.RuneCountInString(name) <= maxNameLength && word(start) &&
		!strings.ContainsFunc(name, func(c rune) bool { return !word(c) && !strings.ContainsRune(signs, c) })
}

// secondForm reports whether Unicode has a letter a second time, for compatibility or
// as a part of a syllable.
func secondForm(c rune) bool {
	for _, block := range [][2]rune{
		{0x1100, 0x11FF}, {0xA960, 0xA97F}, {0xD7B0, 0xD7FF}, // parts of Hangul syllables
		{0xF900, 0xFAFF}, {0x2F800, 0x2FA1F}, // compatibility ideographs
		{0xFB00, 0xFDFF}, {0xFE70, 0xFEFE}, {0xFF00, 0xFFEF}, // ligatures, presentation forms, widths
		{0x1D400, 0x1D7FF}, {0x2100, 0x214F}, // mathematical and letterlike
	} {
		if c >= block[0] && c <= block[1] {
			return true
		}
	}
	return false
}
