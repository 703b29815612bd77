package policy

import (
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// subject is who a test is about.
type subject struct {
	who  []string // names; nil for everybody
	only bool     // nobody else may
	not  bool     // none of them may
}

// The words for people that are no names.
const (
	wordEverybody = "everybody"
	wordNobody    = "nobody"
	wordOnly      = "only"
)

// act is what people do with a permission.
type act struct {
	verb      string
	perm      Permission
	settings  bool   // of settings
	before    string // the word before the servers
	overrides bool   // a freeze
}

func acts() []act {
	return []act{
		{verb: "view", perm: Read},
		{verb: "apply", perm: Ask, settings: true, before: "to"},
		{verb: "approve", perm: Approve, settings: true, before: "of"},
		{verb: "cancel", perm: Retract, settings: true, before: "of"},
		{verb: "override", perm: Override, before: "on", overrides: true},
	}
}

// deeds reads what people may or may not do.
func (s *sentence) deeds(t *test, names []string, only bool) {
	t.who = s.subject(names, only)
	if s.take("not") {
		switch {
		case only || t.who.who == nil:
			s.refuse(`"`+s.behind()+`" can be understood in two ways`, `write "nobody may", "everybody may", or names: "mei may not"`)
		default:
			t.who.not = true
		}
	}
	verb := s.peek()
	var known []string
	for _, d := range acts() {
		known = append(known, d.verb)
		if d.verb == verb {
			t.deed = d
		}
	}
	if t.deed.verb == "" {
		s.expected("one of "+strings.Join(known, ", "), known...)
		return
	}
	s.next()
	if t.deed.settings {
		t.settings = s.fields(s.several())
	}
	if t.deed.overrides {
		t.lift = s.freeze()
	}
	if t.deed.before != "" && !s.take(t.deed.before) {
		s.expected(t.deed.before, t.deed.before)
		return
	}
	t.servers = s.targets()
}

// subject reads who may or may not.
func (s *sentence) subject(names []string, only bool) *subject {
	out := &subject{only: only}
	if len(s.policy.people) == 0 {
		s.refuse("there is nobody below people, so the test cannot fail", "remove the test, or add people")
		return out
	}
	for _, name := range names {
		group := name == wordEverybody || name == wordNobody
		switch {
		case s.known[name] && (group || name == wordOnly):
			s.refuse(shown(name)+" is a person below people, and a word of tests", "give the person another name")
		case group && len(names) == 1 && !only:
			out.not = name == wordNobody
			return out
		case group:
			s.refuse(shown(name)+" stands with names or only", `write it alone, as in "nobody may apply port to *"`)
		case !s.known[name]:
			hint := "add the person below people"
			if near := s.near(name, append(s.policy.peopleNames(), wordEverybody, wordNobody)); near != "" {
				hint = "the nearest is " + near
			}
			s.on(s.at, RulePersonUnknown, shown(name)+" is not the name of a person below people", hint)
		default:
			out.who = append(out.who, name)
		}
	}
	return out
}

// people judges a test about people: some may, and others may not.
func (j *judge) people(t test) (message, hint string, cases int) {
	servers := j.targets(t.servers)
	if t.deed.overrides {
		if message, hint = j.lifts(t, servers); message != "" {
			return message, hint, 1
		}
	}
	for i, person := range j.policy.people {
		named := t.who.who == nil || slices.Contains(t.who.who, person.Name)
		if !named && !t.who.only {
			continue
		}
		wanted := named && !t.who.not
		for _, setting := range t.slots() {
			wrong := j.wrong(t, i, setting, servers, wanted)
			n := wrong.count()
			if cases == 0 && n > 0 {
				message, hint = j.differs(t, i, setting, wrong.first(), wanted)
			}
			cases += n
		}
	}
	return message, hint, cases
}

// wrong are the servers for which a person may do what is not wanted, or may not do what is.
func (j *judge) wrong(t test, person, setting int, servers set, wanted bool) set {
	out := slices.Clone(servers)
	may := j.has(t.deed.perm, setting, person)
	if t.deed.overrides && !j.policy.freezes[t.lift].MayOverride() {
		may = newSet(len(j.policy.servers))
	}
	for i := range out {
		if wanted {
			out[i] &^= may[i]
		} else {
			out[i] &= may[i]
		}
	}
	return out
}

// lifts returns why a freeze cannot be overridden as a test says, whoever wants to; "" if it
// can.
func (j *judge) lifts(t test, servers set) (message, hint string) {
	f := j.policy.freezes[t.lift]
	for server := range servers.all() {
		if !j.freezes[t.lift].servers.has(server) {
			return "the freeze " + f.Name + " does not close " + j.name(server), "name servers of the freeze"
		}
	}
	if !t.who.not && !f.MayOverride() {
		return "nobody may override the freeze " + f.Name, "add override to " + indexed(keyFreezes, t.lift) + ", or correct the test"
	}
	return "", ""
}

// slots are the numbers of the settings of a test, or noSetting.
func (t test) slots() []int {
	if t.settings == nil {
		return []int{noSetting}
	}
	out := make([]int, 0, len(t.settings))
	for i, f := range change.Fields() {
		if slices.Contains(t.settings, f) {
			out = append(out, i)
		}
	}
	return out
}

// differs says what the policy says about a person, and what to do.
func (j *judge) differs(t test, person, setting, server int, wanted bool) (message, hint string) {
	what := t.deed.verb
	if setting != noSetting {
		what += " " + string(j.settings[setting])
	}
	if t.deed.overrides {
		what += " " + j.policy.freezes[t.lift].Name
	}
	if t.deed.before != "" {
		what += " " + t.deed.before
	}
	what += " " + j.name(server)
	name := j.policy.people[person].Name
	if !wanted {
		by := j.grantsOf(t.deed.perm, setting, person, server)
		return name + " may " + what + ", by " + someOf(by), "narrow " + someOf(by) + ", or correct the test"
	}
	var others []string
	for i, other := range j.policy.people {
		if j.has(t.deed.perm, setting, i).has(server) {
			others = append(others, other.Name)
		}
	}
	who := "nobody may"
	if len(others) > 0 {
		who = someOf(others) + " may"
	}
	return name + " may not " + what + "; " + who, "have the role " + string(least(t.deed.perm)) + " granted to " + name + " for it, or correct the test"
}
