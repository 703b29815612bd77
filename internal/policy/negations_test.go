package policy_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// negations are tests that do not hold where the test holds.
func negations(text string, windows []string) []string {
	var out []string
	exchange := func(pattern, with string) {
		if re := regexp.MustCompile(pattern); re.MatchString(text) {
			out = append(out, re.ReplaceAllString(text, with))
		}
	}
	if !strings.Contains(text, " may ") {
		exchange(`^(.* of .*) is open at `, "$1 is closed at ")
		exchange(`^(.* of .*) is closed at `, "$1 is open at ")
		exchange(`^(.* of .*) is confirmed within .*$`, "$1 is not confirmed")
		exchange(`^(.* of .*) is not confirmed$`, "$1 is confirmed within 10m")
		exchange(`^(.* of .*) is not confirmed$`, "$1 is confirmed within 10m with proof")
		exchange(`^(.* of .*) is refused above `, "$1 is not refused above ")
		exchange(`^(.* of .*) is not refused above `, "$1 is refused above ")
		exchange(`^(.* of .*) needs 1 more above `, "$1 needs 0 more above ")
		exchange(`^(.* of .*) needs 0 more above `, "$1 needs 1 more above ")
		exchange(`^(.* of .*) waits for windows? .*$`, "$1 waits for no window")
		for _, name := range windows {
			exchange(`^(.* of .*) waits for no window$`, "$1 waits for window "+name)
		}
		if m := regexp.MustCompile(`^(.* of .*) needs (\d+)((?: approvals?| to override .*)?)$`).FindStringSubmatch(text); m != nil {
			n, _ := strconv.Atoi(m[2])
			for other := range 11 {
				if other != n {
					out = append(out, fmt.Sprintf("%s needs %d%s", m[1], other, m[3]))
				}
			}
		}
		return out
	}
	switch {
	case strings.HasPrefix(text, "everybody may "):
		exchange(`^everybody may `, "nobody may ")
	case strings.HasPrefix(text, "nobody may "):
		exchange(`^nobody may `, "everybody may ")
	case strings.HasPrefix(text, "only "):
		exchange(`^only (.*) may `, "$1 may not ")
		exchange(`^only (.*) may `, "nobody may ")
	case strings.Contains(text, " may not "):
		exchange(` may not `, " may ")
	default:
		exchange(` may `, " may not ")
	}
	return out
}

// holding tells which tests of a policy hold. They must be tests of it.
func holding(t *testing.T, text string, tests []string) []bool {
	t.Helper()
	once := slices.Compact(slices.Sorted(slices.Values(tests)))
	holds := map[string]bool{}
	for batch := range slices.Chunk(once, document.MaxProblems) {
		list, err := json.Marshal(batch)
		if err != nil {
			t.Fatal(err)
		}
		failed := map[string]bool{}
		_, problems := policy.Parse([]byte(text+"\ntests: "+string(list)+"\n"), document.YAML)
		for _, p := range problems {
			if p.Rule != policy.RuleTestFailed {
				t.Fatalf("%s\n%v", text, p)
			}
			failed[p.Path] = true
		}
		for i, text := range batch {
			holds[text] = !failed[fmt.Sprintf("tests[%d]", i)]
		}
	}
	out := make([]bool, 0, len(tests))
	for _, text := range tests {
		out = append(out, holds[text])
	}
	return out
}

// splitTests divides a policy into its tests and the rest, which has windows.
func splitTests(t *testing.T, text string) (rest string, tests, windows []string) {
	t.Helper()
	var root struct {
		Tests   []string `json:"tests"`
		Windows []struct {
			Name string `json:"name"`
		} `json:"windows"`
	}
	inJSON, err := asJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(inJSON, &root); err != nil {
		t.Fatal(err)
	}
	rest, _, _ = strings.Cut(text, "\ntests:\n")
	for _, w := range root.Windows {
		windows = append(windows, w.Name)
	}
	return rest + "\n", root.Tests, windows
}

// TestNegatedTestsOfSamplesFail replaces each test of each sample by its negations.
func TestNegatedTestsOfSamplesFail(t *testing.T) {
	t.Parallel()
	all := 0
	for name, s := range samples(t) {
		rest, tests, windows := splitTests(t, s.text)
		for _, text := range tests {
			negated := negations(text, windows)
			if len(negated) == 0 {
				t.Errorf("%s: %q has no negation", name, text)
				continue
			}
			all += len(negated)
			for i, holds := range holding(t, rest, negated) {
				if holds {
					t.Errorf("%s: %q holds, and so does %q", name, text, negated[i])
				}
			}
		}
	}
	t.Logf("%d negated tests", all)
	if all < 150 {
		t.Errorf("only %d tests were negated", all)
	}
}

// calm are windows, freezes, guards and confirmations for the servers of randomModel.
func calm(r *rand.Rand) string {
	servers := func() string {
		return strings.Join(some(r, []string{`"*"`, `"office-*"`, "office-2", "Lab", "vss-1", `"cn-b1/*"`, "cn-b1/vss-3"}), ", ")
	}
	settings := func() string {
		return strings.Join(some(r, []string{"Port", "Proto", "Name", `"IDaaS*"`, `"*Region*"`, `"C*"`}), ", ")
	}
	var b strings.Builder
	list := func(key string, entry func(i int) string) {
		n := r.IntN(4)
		if n == 0 {
			return
		}
		b.WriteString(key + ":\n")
		for i := range n {
			b.WriteString("- " + entry(i) + "\n")
		}
	}
	list("guards", func(int) string {
		return fmt.Sprintf("{servers: [%s], settings: [%s], maxConnected: %d, otherwise: refuse}", servers(), settings(), r.IntN(4))
	})
	list("confirmations", func(int) string {
		return fmt.Sprintf("{servers: [%s], settings: [%s], for: %dm, proof: %v}", servers(), settings(), 5+5*r.IntN(3), r.IntN(2) == 0)
	})
	list("windows", func(i int) string {
		return fmt.Sprintf("{name: w%d, servers: [%s], settings: [%s], timeZone: %s, open: [{days: [mon, wed], from: '%02d:00', to: '%02d:00'}], lastStart: %dm}",
			i, servers(), settings(), some(r, []string{"UTC", "Asia/Shanghai", "Europe/Berlin"})[0], r.IntN(24), r.IntN(24), 1+r.IntN(30))
	})
	list("freezes", func(i int) string {
		override := ""
		if r.IntN(2) == 0 {
			override = fmt.Sprintf(", override: {need: %d}", 1+r.IntN(2))
		}
		return fmt.Sprintf("{name: f%d, servers: [%s], timeZone: UTC, from: 2026-11-%02dT00:00, until: 2026-12-%02dT00:00%s}", i, servers(), 20+r.IntN(10), 1+r.IntN(10), override)
	})
	return b.String()
}

// TestTestsAgreeWithDecisions compares tests about one person, setting and server with what
// the methods of the policy decide about requests, and tests about several with those about
// each. A test and its negation never hold both.
func TestTestsAgreeWithDecisions(t *testing.T) {
	t.Parallel()
	taken, held, failed := 0, 0, 0
	seeds := uint64(300)
	if testing.Short() {
		seeds = 60
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 13))
		text, err := json.Marshal(randomModel(r))
		if err != nil {
			t.Fatal(err)
		}
		policyText := yamlOf(t, text) + calm(r)
		p, problems := policy.Parse([]byte(policyText), document.YAML)
		if len(problems) > 0 {
			continue // somebody must be able to approve
		}
		taken++
		tests, want := asked(r, p)
		got := holding(t, policyText, tests)
		for i := range tests {
			if got[i] != want[i] {
				t.Fatalf("seed %d: %s\n%q holds: %v, want %v", seed, policyText, tests[i], got[i], want[i])
			}
			if got[i] {
				held++
			} else {
				failed++
			}
		}
		several(t, r, policyText)
	}
	t.Logf("%d policies, %d tests held, %d failed", taken, held, failed)
	if taken < 20 || held < 2000 || failed < 2000 {
		t.Errorf("%d policies, %d tests held, %d failed", taken, held, failed)
	}
}

// yamlOf renders each key of a JSON policy on a line of its own.
func yamlOf(t *testing.T, text []byte) string {
	t.Helper()
	var root map[string]json.RawMessage
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, key := range []string{"people", "servers", "grants", "approvals"} {
		fmt.Fprintf(&b, "%s: %s\n", key, root[key])
	}
	return b.String()
}

// written is how a test names a server.
func written(t change.Target) string {
	if name, ok := naming[t]; ok {
		return name
	}
	return t.String()
}

// asked are tests about one person, setting and server, with what the policy decides.
func asked(r *rand.Rand, p *policy.Policy) (tests []string, want []bool) {
	add := func(holds bool, format string, args ...any) {
		tests, want = append(tests, fmt.Sprintf(format, args...)), append(want, holds)
	}
	for range 12 {
		target, who := targets[r.IntN(len(targets))], folk[r.IntN(len(folk))]
		f := change.Fields()[r.IntN(len(change.Fields()))]
		one, server := []change.Field{f}, written(target)
		for verb, perm := range map[string]policy.Permission{"apply %s to %s": policy.Ask, "approve %s of %s": policy.Approve, "cancel %s of %s": policy.Retract} {
			may := p.May(policy.Person{Name: who}, perm, target, one) == nil
			add(may, "%s may "+verb, who, f, server)
			add(!may, "%s may not "+verb, who, f, server)
			add(slices.Equal(p.Who(perm, target, one), []string{who}), "only %s may "+verb, who, f, server)
			add(len(p.Who(perm, target, one)) == 0, "nobody may "+verb, f, server)
			add(len(p.Who(perm, target, one)) == len(folk), "everybody may "+verb, f, server)
		}
		reads := p.May(policy.Person{Name: who}, policy.Read, target, nil) == nil
		add(reads, "%s may view %s", who, server)
		add(!reads, "%s may not view %s", who, server)
		add(len(p.Who(policy.Read, target, nil)) == 0, "nobody may view %s", server)
		claimed(r, p, change.Request{Target: target, Patch: change.Patch{f: change.Text("x")}}, add)
	}
	return tests, want
}

// claimed adds tests about a change of one setting.
func claimed(r *rand.Rand, p *policy.Policy, asks change.Request, add func(holds bool, format string, args ...any)) {
	f, server := asks.Patch.Fields()[0], written(asks.Target)
	for n := range 4 {
		add(p.ApprovalsOf(asks) == n, "%s of %s needs %d", f, server, n)
		refused := p.TooManyConnected(asks, n+1, true) != nil
		add(refused && p.TooManyConnected(asks, n, true) == nil, "%s of %s is refused above %d clients", f, server, n)
		add(!refused, "%s of %s is not refused above %d clients", f, server, n)
		more := p.NeedsAnotherApproval(asks, n+1, true)
		add(more && !p.NeedsAnotherApproval(asks, n, true), "%s of %s needs 1 more above %d clients", f, server, n)
		add(!more, "%s of %s needs 0 more above %d clients", f, server, n)
	}
	confirm := p.Confirmation(asks)
	add(confirm.IsZero(), "%s of %s is not confirmed", f, server)
	for _, minutes := range []int{5, 10} {
		d := time.Duration(minutes) * time.Minute
		add(confirm == change.Confirmation{For: d}, "%s of %s is confirmed within %dm", f, server, minutes)
		add(confirm == change.Confirmation{For: d, Proof: true}, "%s of %s is confirmed within %dm with proof", f, server, minutes)
	}
	at := time.Date(2026, 11, 15+r.IntN(30), r.IntN(24), r.IntN(60), 0, 0, time.UTC)
	v := p.Gate(asks, at)
	add(v.Open, "%s of %s is open at %s", f, server, at.Format(time.RFC3339))
	add(!v.Open, "%s of %s is closed at %s", f, server, at.Format(time.RFC3339))
	add(len(v.Windows) == 0, "%s of %s waits for no window", f, server)
	if len(v.Windows) > 0 {
		add(true, "%s of %s waits for window %s", f, server, strings.Join(v.Windows, ", "))
		add(len(v.Windows) == 1, "%s of %s waits for window %s", f, server, v.Windows[0])
	}
	for _, name := range []string{"f0", "f1"} {
		freeze, ok := p.Freeze(asks.Target, name)
		if !ok {
			continue
		}
		asks.Override = name
		for n := range 4 {
			add(freeze.MayOverride() && p.ApprovalsOf(asks) == n, "%s of %s needs %d to override %s", f, server, n, name)
		}
		mayAsk := p.May(policy.Person{Name: "a"}, policy.Ask, asks.Target, nil) == nil
		add(freeze.MayOverride() && mayAsk, "a may override %s on %s", name, server)
		add(!freeze.MayOverride() || !mayAsk, "a may not override %s on %s", name, server)
	}
}

// several compares tests about several servers, settings and people with tests about each.
func several(t *testing.T, r *rand.Rand, text string) {
	t.Helper()
	var tests []string
	var parts [][]string
	for range 6 {
		people, servers := some(r, folk), some(r, []string{"office-1", "office-2", "Lab", "cn-b1/vss-3"})
		settings := some(r, []string{"Port", "Proto", "Name", "IDaaSRegionId", "Cipher"})
		not, number := []string{"", " not"}[r.IntN(2)], r.IntN(3)
		var each, needs []string
		for _, server := range servers {
			for _, f := range settings {
				needs = append(needs, fmt.Sprintf("%s of %s needs %d", f, server, number))
				for _, who := range people {
					each = append(each, fmt.Sprintf("%s may%s apply %s to %s", who, not, f, server))
				}
			}
		}
		listed := []string{strings.Join(people, " and "), strings.Join(settings, ", "), strings.Join(servers, " or ")}
		tests = append(tests, fmt.Sprintf("%s may%s apply %s to %s", listed[0], not, listed[1], listed[2]), fmt.Sprintf("%s of %s needs %d", listed[1], listed[2], number))
		parts = append(parts, each, needs)
	}
	tests = append(tests, "everybody may view office-*", "a may not view *")
	parts = append(parts, []string{"a, b, c and d may view office-1 and office-2"}, []string{"a may not view Lab", "a may not view office-*"})
	all := slices.Clone(tests)
	for i := range tests {
		all = slices.Concat(all, parts[i], negations(tests[i], nil))
	}
	holds := map[string]bool{}
	for i, held := range holding(t, text, all) {
		holds[all[i]] = held
	}
	for i, got := range tests {
		want := !slices.ContainsFunc(parts[i], func(part string) bool { return !holds[part] })
		if holds[got] != want {
			t.Fatalf("%s\n%q holds: %v, and each of %q: %v", text, got, holds[got], parts[i], want)
		}
		negated := negations(got, nil)
		if holds[got] && slices.ContainsFunc(negated, func(n string) bool { return holds[n] }) {
			t.Fatalf("%s\n%q holds, and one of %q", text, got, negated)
		}
	}
}
