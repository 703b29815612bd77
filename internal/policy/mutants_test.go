package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// tree is a policy as plain lists and mappings.
type tree = map[string]any

// mutant is a policy with one error in it.
type mutant struct {
	name string
	text []byte
}

func treeOf(t *testing.T, inJSON []byte) tree {
	t.Helper()
	var out tree
	if err := json.Unmarshal(inJSON, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// mutate applies every operator at every place of a policy.
func mutate(t *testing.T, text string, keys []string) []mutant {
	t.Helper()
	inJSON, err := asJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	m := &mutator{t: t, text: inJSON, root: treeOf(t, inJSON)}
	for _, key := range keys {
		for i, e := range m.list(key) {
			m.path = fmt.Sprintf("%s[%d]", key, i)
			m.at = i
			m.edit("removed", func(root tree) {
				list, _ := root[key].([]any)
				root[key] = slices.Delete(list, i, i+1)
			})
			entry, _ := e.(tree)
			m.names(key, entry)
			m.servers(key, entry)
			m.settings(key, entry)
			m.numbers(key, entry)
			m.hours(key, entry)
		}
	}
	return m.out
}

// mutator collects mutants.
type mutator struct {
	t    *testing.T
	text []byte // in JSON
	root tree
	path string
	at   int
	out  []mutant
}

func (m *mutator) list(key string) []any {
	out, _ := m.root[key].([]any)
	return out
}

// edit adds a mutant.
func (m *mutator) edit(name string, apply func(root tree)) {
	root := treeOf(m.t, m.text)
	apply(root)
	text, err := json.Marshal(root)
	if err != nil {
		m.t.Fatal(err)
	}
	m.out = append(m.out, mutant{m.path + " " + name, text})
}

// set adds a mutant in which a key of the entry has another value; nil for none.
func (m *mutator) set(key, field string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		m.t.Fatal(err)
	}
	m.edit(field+" "+string(text), func(root tree) {
		list, _ := root[key].([]any)
		entry, _ := list[m.at].(tree)
		if entry[field] = value; value == nil {
			delete(entry, field)
		}
	})
}

// lists adds mutants of a list: without each entry, with each other one, and with each entry
// exchanged for each other one.
func (m *mutator) lists(key, field string, entry tree, known []string) {
	var now []string
	list, _ := entry[field].([]any)
	for _, e := range list {
		now = append(now, fmt.Sprint(e))
	}
	others := slices.DeleteFunc(slices.Clone(known), func(s string) bool { return slices.Contains(now, s) })
	for i := range now {
		if len(now) > 1 {
			m.set(key, field, slices.Delete(slices.Clone(now), i, i+1))
		}
		for _, other := range others {
			exchanged := slices.Clone(now)
			exchanged[i] = other
			m.set(key, field, exchanged)
		}
	}
	for _, other := range others {
		if !slices.Contains(now, "*") {
			m.set(key, field, append(slices.Clone(now), other))
		}
	}
}

func (m *mutator) named(key string) []string {
	var out []string
	for _, e := range m.list(key) {
		entry, _ := e.(tree)
		out = append(out, fmt.Sprint(entry["name"]))
	}
	return out
}

// names changes who, and roles.
func (m *mutator) names(key string, entry tree) {
	if key != "grants" {
		return
	}
	m.lists(key, "who", entry, m.named("people"))
	m.set(key, "who", []string{"*"})
	m.lists(key, "roles", entry, []string{"viewer", "operator", "approver", "admin"})
}

// servers widens and narrows the servers.
func (m *mutator) servers(key string, entry tree) {
	m.lists(key, "servers", entry, m.named("servers"))
	m.set(key, "servers", []string{"*"})
}

// settings adds and removes settings.
func (m *mutator) settings(key string, entry tree) {
	if key == "freezes" {
		return
	}
	if entry["settings"] == nil {
		for _, f := range change.Fields() {
			m.set(key, "settings", slices.DeleteFunc(change.Fields(), func(other change.Field) bool { return other == f }))
		}
		return
	}
	var known []string
	for _, f := range change.Fields() {
		known = append(known, string(f))
	}
	m.lists(key, "settings", entry, known)
	m.set(key, "settings", nil)
}

// numbers changes how much a rule asks for.
func (m *mutator) numbers(key string, entry tree) {
	number := func(v any) int { n, _ := v.(float64); return int(n) }
	switch key {
	case "approvals":
		m.set(key, "need", number(entry["need"])-1)
		m.set(key, "need", number(entry["need"])+1)
	case "guards":
		for _, n := range []int{-1, 1, 1000} {
			m.set(key, "maxConnected", number(entry["maxConnected"])+n)
		}
		m.set(key, "otherwise", map[any]string{"refuse": "approval", "approval": "refuse"}[entry["otherwise"]])
	case "confirmations":
		m.set(key, "for", "7m")
		m.set(key, "for", "2h")
		m.set(key, "for", nil)
		m.set(key, "proof", entry["proof"] != true)
	case "freezes":
		m.set(key, "override", nil)
		override, _ := entry["override"].(tree)
		for _, need := range []int{1, 2, 3} {
			if number(override["need"]) != need {
				m.set(key, "override", tree{"need": need})
			}
		}
	}
}

// hours changes when windows are open and freezes in force.
func (m *mutator) hours(key string, entry tree) {
	if key != "windows" && key != "freezes" {
		return
	}
	m.set(key, "timeZone", "UTC")
	m.set(key, "timeZone", "America/New_York")
	for _, field := range []string{"from", "until"} {
		if text, ok := entry[field].(string); ok {
			for _, days := range []int{-1, 1} {
				at, err := time.Parse("2006-01-02T15:04", text)
				if err != nil {
					m.t.Fatal(err)
				}
				m.set(key, field, at.AddDate(0, 0, days).Format("2006-01-02T15:04"))
			}
		}
	}
	for _, field := range []string{"except", "also", "lastStart"} {
		if entry[field] != nil {
			m.set(key, field, nil)
		}
	}
	open, _ := entry["open"].([]any)
	for i, o := range open {
		hours, _ := o.(tree)
		with := func(field string, value any) {
			all := slices.Clone(open)
			changed := maps.Clone(hours)
			changed[field] = value
			all[i] = changed
			m.set(key, "open", all)
		}
		if len(open) > 1 {
			m.set(key, "open", slices.Delete(slices.Clone(open), i, i+1))
		}
		days, _ := hours["days"].([]any)
		for d := range days {
			if len(days) > 1 {
				with("days", slices.Delete(slices.Clone(days), d, d+1))
			}
		}
		with("days", []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
		for _, field := range []string{"from", "to"} {
			at, err := time.Parse("15:04", strings.Replace(fmt.Sprint(hours[field]), "24:", "00:", 1))
			if err != nil {
				m.t.Fatal(err)
			}
			with(field, at.Add(-time.Hour).Format("15:04"))
			with(field, at.Add(time.Hour).Format("15:04"))
		}
	}
}

// decisions renders all that a policy decides about the servers that it names, one in each of
// its regions that it does not name, and one in another region.
func decisions(p *policy.Policy, timed bool) string {
	var out strings.Builder
	targets := []change.Target{{RegionID: "cn-elsewhere", ServerID: "vss-other"}}
	for _, s := range p.Servers() {
		targets = append(targets, s.Target, change.Target{RegionID: s.RegionID, ServerID: "vss-other"})
	}
	for _, target := range targets {
		fmt.Fprintln(&out, target, p.Who(policy.Read, target, nil))
		seen := map[string]bool{} // settings with the same windows have the same openings
		for _, f := range change.Fields() {
			one := []change.Field{f}
			asked := change.Request{Target: target, Patch: change.Patch{f: change.Text("x")}}
			fmt.Fprintln(&out, f, p.Who(policy.Ask, target, one), p.Who(policy.Approve, target, one), p.Who(policy.Retract, target, one), p.Permissions(target, one, "").Limits, p.Confirmation(asked), p.ApprovalsOf(asked))
			for _, name := range []string{"double-eleven", "national-day", "rack-move"} {
				if freeze, ok := p.Freeze(target, name); ok {
					asked.Override = name
					fmt.Fprintln(&out, name, freeze.Need, p.ApprovalsOf(asked))
				}
			}
			from := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
			windows := fmt.Sprint(p.Gate(asked, from).Windows)
			fmt.Fprintln(&out, windows)
			if timed && !seen[windows] {
				seen[windows] = true
				for _, s := range p.Openings(target, one, from, from.AddDate(0, 7, 0)) {
					fmt.Fprintln(&out, s.From, s.Until, s.Names, s.Freeze)
				}
			}
		}
	}
	return out.String()
}

// withoutTests parses a policy without its tests.
func withoutTests(t *testing.T, text []byte) *policy.Policy {
	t.Helper()
	root := treeOf(t, text)
	delete(root, "tests")
	bare, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := policy.Parse(bare, document.JSON)
	return p
}

// TestTestsOfSamplesNoticeMutants applies operators at each place of each sample policy: of its
// grants and other rules, and not of people, accounts, names of servers and rooms, of which tests
// say nothing. Mutants that make a policy invalid without its tests, and those that change no
// decision, do not count.
func TestTestsOfSamplesNoticeMutants(t *testing.T) {
	t.Parallel()
	for name, s := range samples(t) {
		if s.keys == nil || testing.Short() && strings.HasSuffix(name, ".zh-CN.md") {
			continue // in Chinese, the pages have the same policy
		}
		text := s.text
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := parse(t, text)
			before := map[bool]string{true: decisions(p, true), false: decisions(p, false)}
			noticed, counted, invalid, equivalent := 0, 0, 0, 0
			for _, m := range mutate(t, text, s.keys) {
				timed := strings.HasPrefix(m.name, "windows") || strings.HasPrefix(m.name, "freezes")
				bare := withoutTests(t, m.text)
				if bare == nil {
					invalid++
					continue
				}
				if decisions(bare, timed) == before[timed] {
					equivalent++
					continue
				}
				counted++
				if _, problems := policy.Parse(m.text, document.JSON); len(problems) > 0 {
					noticed++
					continue
				}
				t.Logf("not noticed: %s", m.name)
			}
			t.Logf("%d tests notice %d of %d mutants (%.1f %%); %d more are invalid without the tests, %d change nothing", p.Tests(), noticed, counted, 100*float64(noticed)/float64(counted), invalid, equivalent)
			if counted < 20 || noticed*100 < counted*90 {
				t.Errorf("%d of %d mutants are noticed", noticed, counted)
			}
		})
	}
}
