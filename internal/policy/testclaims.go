package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

func number(n int) string { return strconv.Itoa(n) }

// claims reads what a test says about changes of settings.
func (s *sentence) claims(t *test) {
	if !s.fine() {
		return
	}
	switch {
	case s.take("needs"):
		t.claim, t.rules = s.needs()
	case s.take("waits", "for"):
		t.claim, t.rules = s.waits(), keyWindows
	case s.take("is", "confirmed", "within"):
		t.claim, t.rules = s.confirmed(), keyConfirmations
	case s.take("is", "not", "confirmed"):
		t.claim, t.rules = unconfirmed, keyConfirmations
	case s.take("is", "refused", "above"):
		t.claim, t.rules = refusedAbove(s.clients()), keyGuards
	case s.take("is", "not", "refused", "above"):
		t.claim, t.rules = sentAbove(s.clients()), keyGuards
	case s.take("is", "open", "at"):
		t.claim, t.rules = openAt(s.instants(), true), keyWindows+" and "+keyFreezes
	case s.take("is", "closed", "at"):
		t.claim, t.rules = openAt(s.instants(), false), keyWindows+" and "+keyFreezes
	case s.take("is", "not"):
		s.expected("confirmed or refused above", "confirmed", "refused")
	case s.take("is"):
		s.expected("one of open at, closed at, confirmed within, refused above, not confirmed, not refused above", "open", "closed", "confirmed", "refused", "not")
	default:
		s.expected("one of needs, waits for, is", "needs", "waits", "is")
	}
}

// count reads a whole number without a sign; what names it.
func (s *sentence) count(what string, most int) int {
	word := s.peek()
	n, err := strconv.Atoi(word)
	if err != nil || strconv.Itoa(n) != word || n < 0 || n > most {
		s.expected(fmt.Sprintf("%s, 0 to %d,", what, most))
		return 0
	}
	s.next()
	return n
}

// needs reads how many approvals changes need.
func (s *sentence) needs() (says claim, rules string) {
	n := s.count("a number of approvals", maxNeed)
	switch {
	case s.take("to", "override"):
		return needsToOverride(n, s.freeze()), keyFreezes + " and " + keyApprovals
	case s.take("more", "above"):
		if n > 1 {
			s.refuse(fmt.Sprintf("a guard asks for 1 approval more, and not for %d", n), "write 1 more, or 0 more")
		}
		return needsMore(n == 1, s.clients()), keyGuards
	case s.take("approval"), s.take("approvals"):
	}
	return func(j *judge, setting, server int) string {
		need, by := j.need(setting, server)
		if by == "" {
			return unless(need == n, "needs no approval")
		}
		return unless(need == n, "needs "+number(need)+", by "+by)
	}, keyApprovals
}

// unless is what the policy says where a test does not hold.
func unless(holds bool, says string) string {
	if holds {
		return ""
	}
	return says
}

func needsToOverride(n, freeze int) claim {
	return func(j *judge, setting, server int) string {
		f := j.policy.freezes[freeze]
		need, _ := j.need(setting, server)
		need = max(need, f.Need)
		switch {
		case !j.freezes[freeze].is(setting, server):
			return "is not closed by the freeze " + f.Name
		case !f.MayOverride():
			return "cannot override the freeze " + f.Name
		default:
			return unless(need == n, "needs "+number(need)+" to override "+f.Name)
		}
	}
}

// clients reads a number of clients.
func (s *sentence) clients() int {
	n := s.count("a number of clients", change.MaxIdle)
	if !s.take("clients") {
		s.expected("clients", "clients")
	}
	return n
}

func needsMore(more bool, above int) claim {
	return func(j *judge, setting, server int) string {
		switch most, by := j.limit(true, setting, server); {
		case more && most != above:
			return limited("needs 1 more", most, by)
		case !more && most != none && most <= above:
			return limited("needs 1 more", most, by)
		}
		return ""
	}
}

func refusedAbove(above int) claim {
	return func(j *judge, setting, server int) string {
		most, by := j.limit(false, setting, server)
		return unless(most == above, limited("is refused", most, by))
	}
}

func sentAbove(above int) claim {
	return func(j *judge, setting, server int) string {
		most, by := j.limit(false, setting, server)
		return unless(most == none || most > above, limited("is refused", most, by))
	}
}

// limited says what a guard does.
func limited(what string, most int, by string) string {
	if most == none {
		return "has no such guard"
	}
	return what + " above " + number(most) + " clients, by " + by
}

// confirmed reads how changes are confirmed.
func (s *sentence) confirmed() claim {
	word := s.peek()
	d, ok := change.ParseSpan(word)
	if !ok || d < change.MinConfirm || d > change.MaxConfirm {
		s.expected("a time from 1m to 24h, such as 10m,")
	}
	s.next()
	want := change.Confirmation{For: d, Proof: s.take("with", "proof")}
	return func(j *judge, setting, server int) string {
		got, by := j.confirmation(setting, server)
		return unless(got == want, confirmedBy(got, by))
	}
}

func unconfirmed(j *judge, setting, server int) string {
	got, by := j.confirmation(setting, server)
	return unless(got.IsZero(), confirmedBy(got, by))
}

func confirmedBy(c change.Confirmation, by string) string {
	if c.IsZero() {
		return "is not confirmed"
	}
	out := "is confirmed within " + change.Span(c.For)
	if c.Proof {
		out += " with proof"
	}
	return out + ", by " + by
}

// waits reads the windows for which changes wait.
func (s *sentence) waits() claim {
	want := newSet(window.MaxWindows)
	if !s.take("no", "window") {
		if !s.take("window") && !s.take("windows") {
			s.expected("window or no window", "window", "no")
			return nil
		}
		words := s.several()
		if len(words) == 0 {
			s.expected("the name of a window")
		}
		for _, word := range words {
			if i := s.named(word, "window", s.windowNames()); i >= 0 {
				want.add(i)
			}
		}
	}
	return func(j *judge, setting, server int) string {
		got := j.windowsOf(setting, server)
		if slices.Equal(got, want) {
			return ""
		}
		if got.count() == 0 {
			return "waits for no window"
		}
		return "waits for window " + strings.Join(j.namesOf(got), " or ")
	}
}

func (s *sentence) windowNames() []string {
	var out []string
	for _, w := range s.policy.windows {
		out = append(out, w.Name)
	}
	return out
}

// freeze reads the name of a freeze.
func (s *sentence) freeze() int {
	word := s.next()
	if word == "" {
		s.expected("the name of a freeze")
		return 0
	}
	var names []string
	for _, f := range s.policy.freezes {
		names = append(names, f.Name)
	}
	return max(s.named(word, "freeze", names), 0)
}

// named finds a window or a freeze by its name in any case; -1 for none.
func (s *sentence) named(word, kind string, names []string) int {
	i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, word) })
	if i < 0 {
		s.on(s.at, RuleTestWindow, "the policy has no "+kind+" "+shown(word), nearestIs(s.near(word, names))+"write a name below "+kind+"s")
	}
	return i
}

// instants reads times.
func (s *sentence) instants() []time.Time {
	words := s.several()
	if len(words) == 0 {
		s.expected("a time with its offset, such as 2026-11-11T12:00+08:00,")
	}
	out := make([]time.Time, 0, len(words))
	for _, word := range words {
		at, ok := instantOf(word)
		if !ok {
			s.refuse(shown(word)+" is not a time", "write it with its offset, such as 2026-11-11T12:00+08:00")
		}
		out = append(out, at)
	}
	return out
}

// instantOf reads a time of RFC 3339, in which seconds are optional.
func instantOf(word string) (time.Time, bool) {
	const minutes = len("2006-01-02T15:04")
	if len(word) > minutes && word[minutes] != ':' {
		word = word[:minutes] + ":00" + word[minutes:]
	}
	at, ok := change.ParseLocal(word)
	return at, ok && at.UTC().Year() >= 1970 && at.UTC().Year() <= 9999
}

// openAt compares whether a change may be sent at each of some instants.
func openAt(instants []time.Time, want bool) claim {
	return func(j *judge, setting, server int) string {
		for _, at := range instants {
			v, ok := j.gate(setting, server, at)
			shown := at.Format(time.RFC3339)
			switch {
			case !ok:
				return fmt.Sprintf("is not looked at: the tests ask about more than %d times and calendars", maxTestedTimes)
			case v.Open == want:
			case v.Open:
				return "is open at " + shown
			default:
				return "is closed at " + shown + ": " + v.ClosedBy()
			}
		}
		return ""
	}
}
