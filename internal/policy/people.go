package policy

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/nearest"
)

// people reads people and their accounts.
func (r *reader) people(root *document.Node) {
	p := r.policy
	p.accounts = map[Account]string{}
	first := map[string]string{}  // names in lower case, to paths
	owner := map[Account]string{} // principals, to paths
	for _, e := range r.mappings(root, "", keyPeople, maxPeople, keyLang) {
		name, ok := r.text(e, keyName)
		folded := strings.ToLower(name)
		switch {
		case !ok:
		case !validName(name, "._-@"):
			r.at(e, keyName, RulePersonNameFormat, shown(name)+" is not a valid name for a person", "use at most 64 letters, digits, periods, underscores, hyphens and @, such as zhang.san")
		case first[folded] != "":
			r.at(e, keyName, RulePersonDuplicate, shown(name)+" is already at "+first[folded], "put all accounts of a person under one name, or give different people different names")
		default:
			first[folded] = e.path
			p.people = append(p.people, Person{Name: name, Lang: r.lang(e)})
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
		r.at(e, keyChannel, RuleDoorUnknown, shown(a.Channel)+" is not a channel", "the nearest is "+nearest.Word(a.Channel, Channels())+"; the channels are "+strings.Join(Channels(), ", "))
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
	odd := func(c rune) bool { return !unicode.IsGraphic(c) || unicode.IsSpace(c) }
	if n := utf8.RuneCountInString(text); n == 0 || n > maxAccountPartLength || strings.ContainsFunc(text, odd) {
		r.at(e, key, RuleAccountFormat, shown(text)+" is not the id of a "+key, "write 1 to 128 characters without blanks; the answer that refuses an account shows its ids")
		return ""
	}
	return text
}

// validName reports whether a name contains only letters, digits and the given
// signs, and starts with a letter or a digit. Full-width forms are not allowed,
// because commands read them as the plain letters.
func validName(name, signs string) bool {
	word := func(c rune) bool {
		return (unicode.IsLetter(c) || unicode.IsDigit(c)) && (c < 0xFF00 || c > 0xFFEF)
	}
	start, _ := utf8.DecodeRuneInString(name)
	return name != "" && utf8.RuneCountInString(name) <= maxNameLength && word(start) &&
		!strings.ContainsFunc(name, func(c rune) bool { return !word(c) && !strings.ContainsRune(signs, c) })
}
