package policy_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// model is a random policy as plain lists, with a naive implementation of the
// decisions.
type model struct {
	People    []map[string]any `json:"people"`
	Servers   []map[string]any `json:"servers"`
	Grants    []rule           `json:"grants"`
	Approvals []rule           `json:"approvals"`
}

type rule struct {
	Who      []string `json:"who,omitempty"`
	Roles    []string `json:"roles,omitempty"`
	Servers  []string `json:"servers"`
	Settings []string `json:"settings,omitempty"`
	Need     int      `json:"need,omitempty"`
}

var (
	folk    = []string{"a", "b", "c", "d"}
	targets = []change.Target{
		{RegionID: "cn-a1", ServerID: "vss-1"}, {RegionID: "cn-a1", ServerID: "vss-2"}, {RegionID: "cn-b1", ServerID: "vss-1"}, {RegionID: "cn-b1", ServerID: "vss-3"},
	}
	naming = map[change.Target]string{targets[0]: "office-1", targets[1]: "office-2", targets[2]: "Lab"}
)

// some picks a few different ones.
func some(r *rand.Rand, from []string) []string {
	perm := r.Perm(len(from))[:1+r.IntN(min(3, len(from)))]
	var out []string
	for _, i := range perm {
		out = append(out, from[i])
	}
	return out
}

func randomModel(r *rand.Rand) model {
	var w model
	for _, name := range folk {
		w.People = append(w.People, map[string]any{"name": name, "accounts": []any{map[string]any{"door": "http", "user": name}}})
	}
	for t, name := range naming {
		w.Servers = append(w.Servers, map[string]any{"name": name, "RegionId": t.RegionID, "SslVpnServerId": t.ServerID})
	}
	servers := []string{"*", "office-*", "office-2", "Lab", "vss-1", "vss-*", "cn-a1/vss-1", "cn-b1/*", "cn-*/vss-3"}
	settings := []string{"*", "Port", "Proto", "Name", "IDaaS*", "*Region*"}
	maybe := func(list []string) []string {
		if r.IntN(2) == 0 {
			return nil
		}
		return list
	}
	for range r.IntN(5) {
		who := some(r, folk)
		if r.IntN(4) == 0 {
			who = []string{"*"}
		}
		w.Grants = append(w.Grants, rule{Who: who, Roles: some(r, []string{"viewer", "operator", "approver", "admin"}), Servers: some(r, servers), Settings: maybe(some(r, settings))})
	}
	for range r.IntN(4) {
		w.Approvals = append(w.Approvals, rule{Servers: some(r, servers), Settings: maybe(some(r, settings)), Need: 1 + r.IntN(3)})
	}
	if w.Grants == nil {
		w.Grants = []rule{}
	}
	if w.Approvals == nil {
		w.Approvals = []rule{}
	}
	return w
}

func (g rule) on(t change.Target) bool {
	return slices.ContainsFunc(g.Servers, func(s string) bool {
		for _, text := range []string{t.ServerID, t.String(), strings.ToLower(naming[t])} {
			if ok, _ := path.Match(strings.ToLower(s), text); ok {
				return true
			}
		}
		return false
	})
}

func (g rule) sets(f change.Field) bool {
	return g.Settings == nil || slices.ContainsFunc(g.Settings, func(s string) bool {
		ok, _ := path.Match(s, string(f))
		return ok
	})
}

func (w model) may(name string, perm policy.Permission, t change.Target, fields []change.Field) bool {
	roles := map[policy.Permission][]string{
		policy.Read: {"viewer", "operator", "approver", "admin"}, policy.Ask: {"operator", "admin"}, policy.Approve: {"approver", "admin"}, policy.Retract: {"admin"},
	}
	can := func(fits func(rule) bool) bool {
		return slices.ContainsFunc(w.Grants, func(g rule) bool {
			return (slices.Contains(g.Who, name) || slices.Contains(g.Who, "*")) && g.on(t) && fits(g) &&
				slices.ContainsFunc(g.Roles, func(role string) bool { return slices.Contains(roles[perm], role) })
		})
	}
	if !can(func(rule) bool { return true }) {
		return false
	}
	for _, f := range fields {
		if perm != policy.Read && !can(func(g rule) bool { return g.sets(f) }) {
			return false
		}
	}
	return true
}

func (w model) need(t change.Target, fields []change.Field) int {
	need := 0
	for _, a := range w.Approvals {
		if a.on(t) && slices.ContainsFunc(fields, a.sets) {
			need = max(need, a.Need)
		}
	}
	return need
}

// TestInvariantsOfDecisions compares random policies with the naive
// model. It checks that adding settings never lowers the number of approvals, that a
// person without a grant has no permission, that the approvers are all who may
// approve but the requester, and that a policy that is refused as unreachable is.
func TestInvariantsOfDecisions(t *testing.T) {
	t.Parallel()
	taken, refused := 0, 0
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 4))
		w := randomModel(r)
		text, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		p, problems := policy.Parse(text, document.JSON)
		if len(problems) > 0 {
			refused++
			for _, problem := range problems {
				if problem.Rule != policy.RuleNeedNotReachable || w.reachable(problem.Path) {
					t.Fatalf("seed %d: %v\n%s", seed, problem, text)
				}
			}
			continue
		}
		taken++
		check(t, fmt.Sprintf("seed %d: %s", seed, text), r, w, p)
	}
	if taken < 100 || refused < 30 {
		t.Errorf("%d policies taken, %d refused", taken, refused)
	}
}

// reachable reports whether some change under the i-th approval rule could be
// approved.
func (w model) reachable(at string) bool {
	var i int
	if _, err := fmt.Sscanf(at, "approvals[%d].need", &i); err != nil {
		return true
	}
	a := w.Approvals[i]
	for _, target := range targets {
		for _, f := range change.Fields() {
			if !a.on(target) || !a.sets(f) {
				continue
			}
			for _, asker := range folk {
				others := 0
				for _, name := range folk {
					if name != asker && w.may(name, policy.Approve, target, []change.Field{f}) {
						others++
					}
				}
				if w.may(asker, policy.Ask, target, []change.Field{f}) && others >= a.Need {
					return true
				}
			}
		}
	}
	return false
}

func check(t *testing.T, context string, r *rand.Rand, w model, p *policy.Policy) {
	t.Helper()
	all := change.Fields()
	for range 15 {
		target := targets[r.IntN(len(targets))]
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		more := slices.Clone(all[:r.IntN(4)])
		fewer := more[:r.IntN(len(more)+1)]
		if got, want := p.Approvals(target, more), w.need(target, more); got != want || got < p.Approvals(target, fewer) {
			t.Fatalf("%s\n%v of %v: %d approvals, want %d; %v need %d", context, more, target, got, want, fewer, p.Approvals(target, fewer))
		}
		for _, perm := range []policy.Permission{policy.Read, policy.Ask, policy.Approve, policy.Retract} {
			for _, name := range folk {
				problem, want := p.May(policy.Person{Name: name}, perm, target, more), w.may(name, perm, target, more)
				if (problem == nil) != want || want != slices.Contains(p.Who(perm, target, more), name) {
					t.Fatalf("%s\n%s, %s of %v on %v: %v, want %v", context, name, perm, more, target, problem, want)
				}
				if problem == nil && p.May(policy.Person{Name: name}, perm, target, fewer) != nil {
					t.Fatalf("%s\n%s may %s %v and not %v on %v", context, name, perm, more, fewer, target)
				}
				granted := slices.ContainsFunc(w.Grants, func(g rule) bool { return slices.Contains(g.Who, name) || slices.Contains(g.Who, "*") })
				if !granted && problem == nil {
					t.Fatalf("%s\n%s has no grant and may %s", context, name, perm)
				}
			}
		}
		for _, asker := range folk {
			approvers := p.Approvers(askedBy(asker, target, more))
			for _, name := range folk {
				want := name != asker && p.May(policy.Person{Name: name}, policy.Approve, target, more) == nil
				if slices.Contains(approvers, name) != want {
					t.Fatalf("%s\napprovers %q of %v by %s on %v", context, approvers, more, asker, target)
				}
			}
		}
	}
}
