package policy_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// FuzzParse checks that no input makes Parse panic, that every problem is complete,
// and that an accepted policy passes the schema, is parsed as the same in the other
// format, and decides without contradiction.
func FuzzParse(f *testing.F) {
	for _, d := range slices.Concat(validDocuments(), invalidDocuments()) {
		if len(d.text) < 4096 {
			f.Add([]byte(d.text), d.format == document.JSON)
		}
	}
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, data []byte, inJSON bool) {
		format := document.YAML
		if inJSON {
			format = document.JSON
		}
		p, problems := policy.Parse(data, format)
		if len(problems) > 0 {
			for _, problem := range problems {
				if problem.Rule == "" || problem.Message == "" || problem.Hint == "" || p != nil {
					t.Fatalf("refused with %+v and %v", problem, p)
				}
			}
			return
		}
		text := data
		if !inJSON {
			var err error
			if text, err = asJSON(data); err != nil {
				t.Fatalf("%v", err)
			}
		}
		if err := validates(schema, text); err != nil {
			t.Fatalf("taken, and the schema says %v", err)
		}
		again, problems := policy.Parse(text, document.JSON)
		if len(problems) > 0 || !reflect.DeepEqual(p, again) {
			t.Fatalf("%s\ncame back as %+v, problems %v, was %+v", text, again, problems, p)
		}
		agrees(t, p)
		gatesAgree(t, p)
	})
}

// FuzzWindows is FuzzParse for the windows and freezes of a policy that is valid
// otherwise, asked at any instant.
func FuzzWindows(f *testing.F) {
	const head = "people: [{name: a, accounts: [{door: http, user: a}]}, {name: b, accounts: [{door: http, user: b}]}, {name: c, accounts: [{door: http, user: c}]}]\n" +
		"grants: [{who: ['*'], roles: [admin], servers: ['*']}]\n" + office
	for _, d := range slices.Concat(validDocuments(), invalidDocuments()) {
		if _, rest, ok := strings.Cut(d.text, "windows:"); ok {
			f.Add("windows:"+rest, int64(1795600000))
		} else if _, rest, ok := strings.Cut(d.text, "freezes:"); ok {
			f.Add("freezes:"+rest, int64(1795600000))
		}
	}
	f.Fuzz(func(t *testing.T, text string, second int64) {
		p, problems := policy.Parse([]byte(head+text), document.YAML)
		for _, problem := range problems {
			if problem.Rule == "" || problem.Message == "" || problem.Hint == "" {
				t.Fatalf("refused with %+v", problem)
			}
		}
		if p == nil {
			return
		}
		const years = 200 * 366 * 24 * 60 * 60
		gateAgrees(t, p, time.Unix(second%years, second%int64(time.Second)))
	})
}

// FuzzTests checks that no test makes Parse panic, that what is no test or does not hold is
// refused with a complete problem at the test, that a test that holds passes the schema, holds
// with other blanks, and that its negations do not hold.
func FuzzTests(f *testing.F) {
	for text := range judgments() {
		f.Add(text)
	}
	for text := range refusedTests() {
		f.Add(text)
	}
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
			return r == utf8.RuneError || change.HiddenName(r) != "" || unicode.IsControl(r) || unicode.IsSpace(r) && r != ' '
		}) {
			return // package document refuses most of these
		}
		list, err := json.Marshal([]string{text})
		if err != nil {
			t.Fatal(err)
		}
		whole := tested[:strings.LastIndex(tested, "tests:")] + "tests: " + string(list) + "\n"
		p, problems := policy.Parse([]byte(whole), document.YAML)
		for _, problem := range problems {
			inDocument := problem.Path == "" && problem.Rule == document.RuleEncoding
			if problem.Rule == "" || problem.Message == "" || problem.Hint == "" || !inDocument && (problem.Path != "tests[0]" || problem.Line == 0) {
				t.Fatalf("%q: %+v", text, problem)
			}
		}
		if p == nil {
			return
		}
		inJSON, err := asJSON([]byte(whole))
		if err != nil {
			t.Fatal(err)
		}
		if err := validates(schema, inJSON); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if blanks := "  " + strings.ReplaceAll(text, " ", "  "); utf8.RuneCountInString(blanks) <= 300 {
			holds(t, blanks, true)
		}
		plain := strings.Join(strings.Fields(text), " ")
		if strings.Contains(plain, " may ") && strings.Contains(plain, " of ") && strings.Index(plain, " of ") < strings.Index(plain, " may ") {
			return // "of" and "may" are names
		}
		for _, negation := range negations(plain, []string{"nights", "days"}) {
			holds(t, negation, false)
		}
	})
}

// holds checks whether a test holds of the policy with a rule of each kind. What is no test
// does not hold.
func holds(t *testing.T, text string, want bool) {
	t.Helper()
	list, err := json.Marshal([]string{text})
	if err != nil {
		t.Fatal(err)
	}
	p, problems := policy.Parse([]byte(tested[:strings.LastIndex(tested, "tests:")]+"tests: "+string(list)+"\n"), document.YAML)
	if (p != nil) != want {
		t.Fatalf("%q holds: %v, want %v (%v)", text, p != nil, want, problems)
	}
}

// gatesAgree asks about both nights in which clocks change, and the end of a leap year.
func gatesAgree(t *testing.T, p *policy.Policy) {
	t.Helper()
	for _, now := range []string{"2027-03-28T00:59:59.999999999Z", "2027-10-31T00:30:00Z", "2028-12-31T12:00:00Z"} {
		gateAgrees(t, p, instant(t, now))
	}
}

// gateAgrees checks that a verdict is true of the instants that it names, and of those
// before, and that the list of openings says the same.
func gateAgrees(t *testing.T, p *policy.Policy, now time.Time) {
	t.Helper()
	request := portOf(change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"})
	v := p.Gate(request, now)
	next, other := v.Opens, v.Closes
	if v.Open {
		next, other = v.Closes, v.Opens
	}
	until := next
	if next.IsZero() {
		until = now.Add(window.Horizon)
	}
	switch {
	case !other.IsZero() || !until.After(now) || until.Sub(now) > window.Horizon || v.Open && v.Freeze != "" || v.MayOverride != (v.Need > 0) || v.MayOverride && v.Freeze == "":
		t.Fatalf("%s: %+v", now, v)
	case !next.IsZero() && p.Gate(request, next).Open == v.Open:
		t.Fatalf("%s: %+v, and nothing changes", now, v)
	}
	quarter := (until.Sub(now) - 1) / 4
	at := now.Add(-quarter)
	for i := range 5 {
		at = at.Add(quarter)
		if i == 4 {
			at = until.Add(-1)
		}
		if between := p.Gate(request, at); between.Open != v.Open {
			t.Fatalf("%s: %+v, and at %s %+v", now, v, at, between)
		}
	}
	end := now.Add(3 * 24 * time.Hour)
	spans := p.Openings(request.Target, request.Patch.Fields(), now, end)
	for i, s := range spans {
		if !s.From.Before(s.Until) || i > 0 && s.From.Before(spans[i-1].From) || s.Freeze == "" && !p.Gate(request, later(s.From, now)).Open {
			t.Fatalf("%s: %v", now, spans)
		}
		if s.Freeze == "" && s.Until.Before(end) && p.Gate(request, s.Until).Open {
			t.Fatalf("%s: it is open after %v", now, s)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// agrees compares the decisions of a policy with each other.
func agrees(t *testing.T, p *policy.Policy) {
	t.Helper()
	looked := []change.Target{{}, {RegionID: "cn-hangzhou", ServerID: "vss-bp1"}}
	for _, s := range p.Servers() {
		if found, ok := p.Server(s.Name); !ok || found != s.Target || p.NameOf(found) != s.Name {
			t.Fatalf("%q finds %v, %v", s.Name, found, ok)
		}
		looked = append(looked, s.Target)
	}
	port := []change.Field{change.Port}
	for _, target := range looked[:min(len(looked), 4)] {
		if p.Approvals(target, port) > p.Approvals(target, change.Fields()) {
			t.Fatalf("all settings of %v need less than one", target)
		}
		people := append(p.People(), policy.Person{Name: "nobody:here"})
		for _, who := range people[:min(len(people), 8)] {
			approvers := p.Approvers(askedBy(who.Name, target, port))
			for _, other := range people[:min(len(people), 8)] {
				agrees := p.May(other, policy.Approve, target, port) == nil && other.Name != who.Name
				if agrees != slices.Contains(approvers, other.Name) {
					t.Fatalf("approvers of %s: %q, and of %s it is %v", who.Name, approvers, other.Name, agrees)
				}
			}
		}
	}
	if p.May(policy.Person{Name: "nobody:here"}, policy.Read, change.Target{}, nil) == nil {
		t.Fatal("nobody may read")
	}
}
