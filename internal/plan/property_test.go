package plan_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
)

// dice makes random servers and changes from few values, so that they interact.
type dice struct{ *rand.Rand }

func (d dice) value(f change.Field) change.Value {
	switch f {
	case change.Port:
		return change.Number(1194 + d.IntN(3))
	case change.Compress, change.EnableMultiFactorAuth:
		return change.Flag(d.IntN(2) == 1)
	case change.Proto:
		return change.Text([]string{"TCP", "UDP"}[d.IntN(2)])
	case change.Cipher:
		return change.Text([]string{"AES-128-CBC", "none"}[d.IntN(2)])
	case change.ClientIPPool:
		return change.Text([]string{"10.30.0.0/24", "10.40.0.0/24", "10.20.5.0/24", "10.40.0.0/29"}[d.IntN(4)])
	case change.LocalSubnet:
		return change.Text([]string{"10.20.0.0/16", "10.60.0.0/16,10.50.0.0/16", "10.50.0.0/16,10.60.0.0/16", "10.40.0.0/16"}[d.IntN(4)])
	case change.Name, change.IDaaSInstanceID, change.IDaaSRegionID, change.IDaaSApplicationID:
		return change.Text([]string{"aa", "bb"}[d.IntN(2)])
	default:
		return change.Value{}
	}
}

func (d dice) patch(most int) change.Patch {
	p := change.Patch{}
	for range 1 + d.IntN(most) {
		f := change.Fields()[d.IntN(len(change.Fields()))]
		p[f] = d.value(f)
	}
	return p
}

func (d dice) input() plan.Input {
	in := plan.Input{Before: change.Settings{}, Readable: d.IntN(5) > 0, MaxConnections: d.IntN(2) * 5, Now: noon()}
	for _, f := range change.Fields() {
		if d.IntN(4) > 0 {
			in.Before[f] = d.value(f)
		}
	}
	for i := range d.IntN(7) {
		c := ask(fmt.Sprint("c", i), d.patch(4))
		switch d.IntN(6) {
		case 0:
			c.Expect = d.patch(2)
		case 1:
			c.DryRun = true
		case 2:
			c.ExpiresAt = noon()
		}
		in.Changes = append(in.Changes, c)
	}
	return in
}

// The invariants hold for random changes of random servers.
func TestInvariantsOfPlans(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewPCG(2026, 11))}
	seen := map[change.Status]int{}
	for i := range 4_000 {
		in := d.input()
		p := plan.Make(in)
		for _, o := range p.Outcomes {
			seen[o.Status]++
		}
		for _, check := range []func(plan.Input, plan.Plan) error{
			comesToTheSameAsOneByOne, sendsOnlyWhatIsAsked, explainsEveryOutcome, saysTheSameAgain, isSettledAfterwards,
		} {
			if err := check(in, p); err != nil {
				t.Fatalf("plan %d: %v\nbefore %v\nchanges %+v\nplan %+v", i, err, in.Before, in.Changes, p)
			}
		}
	}
	for _, s := range []change.Status{change.Applied, change.Unchanged, change.Planned, change.Rejected, change.Superseded, change.Expired} {
		if seen[s] < 50 {
			t.Errorf("only %d outcomes were %s: the dice are loaded", seen[s], s)
		}
	}
}

// The merged patch has the same result as the changes one after the other.
func comesToTheSameAsOneByOne(in plan.Input, p plan.Plan) error {
	if !in.Readable {
		in.Before = nil
	}
	server, sent := in.Before, in.Before.With(p.Patch)
	for _, c := range in.Changes {
		one := plan.Make(plan.Input{Before: server, MaxConnections: in.MaxConnections, Readable: in.Readable, Now: in.Now, Changes: []change.Change{c}})
		server = server.With(one.Patch)
	}
	for _, f := range change.Fields() {
		if !change.Equal(f, server[f], sent[f]) || !change.Equal(f, server[f], p.After[f]) {
			return fmt.Errorf("%s is %q one by one, %q merged, and planned to be %q", f, server[f], sent[f], p.After[f])
		}
	}
	return nil
}

// Only requested settings are sent, and their companions with unchanged values.
func sendsOnlyWhatIsAsked(in plan.Input, p plan.Plan) error {
	mfa := []change.Field{change.EnableMultiFactorAuth, change.IDaaSInstanceID, change.IDaaSRegionID, change.IDaaSApplicationID}
	addresses := []change.Field{change.ClientIPPool, change.LocalSubnet}
	for f, v := range p.Patch {
		if asked, ok := p.Asked[f]; ok {
			if v != asked {
				return fmt.Errorf("%s=%q is sent, %q was asked for", f, v, asked)
			}
			continue
		}
		group := addresses
		if slices.Contains(mfa, f) {
			group = mfa
		} else if !slices.Contains(addresses, f) {
			return fmt.Errorf("%s is sent, and nobody asked for it", f)
		}
		if !in.Readable || v != in.Before[f] {
			return fmt.Errorf("%s=%q is sent along, the server has %q", f, v, in.Before[f])
		}
		if !slices.ContainsFunc(group, func(g change.Field) bool { _, asked := p.Asked[g]; return asked }) {
			return fmt.Errorf("%s is sent along with nothing", f)
		}
	}
	return nil
}

func explainsEveryOutcome(in plan.Input, p plan.Plan) error {
	if len(p.Outcomes) != len(in.Changes) {
		return fmt.Errorf("%d outcomes of %d changes", len(p.Outcomes), len(in.Changes))
	}
	asked := change.Patch{}
	for i, o := range p.Outcomes {
		c := in.Changes[i]
		if o.ID != c.ID {
			return fmt.Errorf("outcome %d is of %s", i, o.ID)
		}
		if (o.Status == change.Rejected) != (len(o.Problems) > 0) {
			return fmt.Errorf("%s has %d problems", tell(o), len(o.Problems))
		}
		for f, by := range o.SupersededBy {
			k := slices.IndexFunc(in.Changes, func(c change.Change) bool { return c.ID == by })
			if _, sets := in.Changes[k].Patch[f]; k <= i || !sets {
				return fmt.Errorf("%s is not superseded in %s by %s", o.ID, f, by)
			}
		}
		if err := fits(o, c, in, p); err != nil {
			return err
		}
		switch o.Status {
		case change.Applied, change.Superseded, change.Unchanged:
			asked = asked.Merge(c.Patch)
		case change.Rejected, change.Expired, change.Planned:
			if len(o.SupersededBy) > 0 {
				return fmt.Errorf("%s takes no part, and is superseded", o.ID)
			}
		case change.Queued, change.Waiting, change.Applying, change.Failed, change.Cancelled:
			return fmt.Errorf("%s is no outcome of a plan", o.Status)
		}
	}
	if !maps.Equal(asked, p.Asked) {
		return fmt.Errorf("those that go ahead ask for %v, the plan for %v", asked, p.Asked)
	}
	return nil
}

// fits reports whether a status follows from its definition.
func fits(o plan.Outcome, c change.Change, in plan.Input, p plan.Plan) error {
	differs := len(change.Diff(in.Before, c.Patch)) > 0
	switch {
	case o.Status == change.Superseded && len(o.SupersededBy) != len(c.Patch):
		return fmt.Errorf("%s is superseded in %d of %d settings", o.ID, len(o.SupersededBy), len(c.Patch))
	case o.Status != change.Superseded && len(o.SupersededBy) == len(c.Patch):
		return fmt.Errorf("%s is %s, and superseded in all it sets", o.ID, o.Status)
	case o.Status == change.Unchanged && (!in.Readable || len(o.Changed) > 0):
		return fmt.Errorf("%s is unchanged: readable %v, changed %v", o.ID, in.Readable, o.Changed)
	case o.Status == change.Unchanged && differs && len(p.Patch) > 0:
		return fmt.Errorf("%s is unchanged, and the server has other values", o.ID)
	case o.Status == change.Applied && len(p.Patch) == 0:
		return fmt.Errorf("%s is applied, and nothing is sent", o.ID)
	case o.Status == change.Applied && len(o.Changed) == 0 && len(o.SupersededBy) == 0:
		return fmt.Errorf("%s is applied and alters nothing", o.ID)
	case o.Status == change.Superseded && len(o.Changed) > 0:
		return fmt.Errorf("%s is superseded and alters %v", o.ID, o.Changed)
	}
	return nil
}

func saysTheSameAgain(in plan.Input, p plan.Plan) error {
	again := plan.Make(in)
	if fmt.Sprint(again) != fmt.Sprint(p) {
		return fmt.Errorf("the same input comes to %+v", again)
	}
	return nil
}

// Once the patch is applied, planning the accepted changes again sends nothing.
func isSettledAfterwards(in plan.Input, p plan.Plan) error {
	if !in.Readable {
		return nil
	}
	after := plan.Make(plan.Input{Before: in.Before.With(p.Patch), Readable: true, Now: in.Now, Changes: []change.Change{ask("again", p.Asked)}})
	if len(p.Asked) > 0 && len(after.Patch) > 0 {
		return fmt.Errorf("applied, it would send %v once more", after.Patch)
	}
	return nil
}
