package intake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// admission is the policy's decision on a document that it permits.
type admission struct {
	Person    string // "" without a policy
	Assistant bool   // the person is an assistant
	Approvals []int  // needed, by change; nil when none needs any
	// Confirm is how the changes must be confirmed, by change; nil when none must be.
	Confirm []change.Confirmation
	// Windows say whether windows and freezes let the changes be sent when they are due,
	// by change; nil when none is concerned.
	Windows []*change.Gate
}

// admit asks the policy about the requests of a document, once: a redelivery
// keeps the decision on the first delivery. It fails with *RefusedError when any
// of them is not permitted; any other error means that the policy could not be
// read.
func (in *Intake) admit(ctx context.Context, d document, reqs []change.Request) (admission, error) {
	if d.admitted != nil {
		return *d.admitted, nil
	}
	if in.Policy == nil {
		return admission{}, nil
	}
	p, err := in.Policy(ctx)
	if err != nil {
		return admission{}, fmt.Errorf("read the policy: %w", err)
	}
	if p.Absent() {
		_, err := openings(p, reqs, d.at) // there is no freeze that could be overridden
		return admission{}, err
	}
	who, err := personOf(p, d.account)
	if err != nil {
		return admission{}, err
	}
	adm := admission{Person: who.Name, Assistant: who.Assistant, Approvals: make([]int, len(reqs)), Confirm: make([]change.Confirmation, len(reqs)), Windows: make([]*change.Gate, len(reqs))}
	err = permitted(p, who, reqs, func(i int) (policy.Permission, []change.Field) {
		fields := reqs[i].Patch.Fields()
		if reqs[i].DryRun {
			return policy.Read, fields
		}
		adm.Approvals[i] = p.ApprovalsFor(who, reqs[i])
		if p.NeedsAnotherApproval(reqs[i], 0, false) { // nobody counts the clients here
			adm.Approvals[i]++
		}
		adm.Confirm[i] = p.Confirmation(reqs[i])
		return policy.Ask, fields
	})
	if err == nil {
		adm.Windows, err = openings(p, reqs, d.at)
	}
	if err != nil {
		return admission{}, err
	}
	if !slices.ContainsFunc(adm.Approvals, func(n int) bool { return n > 0 }) {
		adm.Approvals = nil
	}
	if !slices.ContainsFunc(adm.Confirm, func(c change.Confirmation) bool { return !c.IsZero() }) {
		adm.Confirm = nil
	}
	return adm, nil
}

// openings say when requests that are accepted at a time may be sent first; nil where no
// windows and freezes concern them. It fails with *RefusedError for requests that could
// not be sent before they expire.
func openings(p *policy.Policy, reqs []change.Request, at time.Time) ([]*change.Gate, error) {
	out := make([]*change.Gate, len(reqs))
	var problems []change.Problem
	found := false
	for i, r := range reqs {
		v, no := p.Opening(r, at)
		for _, one := range no {
			one = one.Under(r.Path)
			one.Line = r.Line
			problems = append(problems, one)
		}
		out[i] = v.Shown()
		found = found || out[i] != nil
	}
	switch {
	case len(problems) > 0:
		return nil, &RefusedError{Problems: problems}
	case !found:
		return nil, nil
	default:
		return out, nil
	}
}

// personOf finds the person of an account. It fails with *RefusedError for an
// account that the policy does not list.
func personOf(p *policy.Policy, a policy.Account) (policy.Person, error) {
	who, ok := p.Person(a)
	if ok {
		return who, nil
	}
	problem := p.Unknown(a)
	if a == (policy.Account{Channel: string(change.FromFile)}) {
		problem = &change.Problem{
			Rule: policy.RuleUnknownAccount, Message: "the upload's event was lost, so it is unknown who uploaded the file",
			Hint: "upload the file again",
		}
	}
	return policy.Person{}, &RefusedError{Forbidden: true, Problems: []change.Problem{*problem}}
}

// permitted fails with *RefusedError when the policy denies a person any of the
// requests; needs gives the permission and the settings that request i takes.
func permitted(p *policy.Policy, who policy.Person, reqs []change.Request, needs func(i int) (policy.Permission, []change.Field)) error {
	var problems []change.Problem
	for i, r := range reqs {
		permission, fields := needs(i)
		for _, no := range []*change.Problem{p.May(who, permission, r.Target, fields), p.MayOverride(who, r)} {
			if no != nil {
				at := no.Under(r.Path)
				at.Line = r.Line
				problems = append(problems, at)
			}
		}
	}
	if len(problems) > 0 {
		return &RefusedError{Forbidden: true, Problems: problems}
	}
	return nil
}

// mark notes who requested the changes, and the approvals that they need.
func (a admission) mark(changes []change.Change) []change.Change {
	for i := range changes {
		changes[i].Origin.Person, changes[i].Origin.Assistant = a.Person, a.Assistant
		if a.Approvals != nil && i < len(a.Approvals) {
			changes[i].Approvals = a.Approvals[i]
		}
	}
	return changes
}

// open has changes without an expiry expire DefaultLifetime after they may be sent first.
// The times are those of the first delivery, where the admission is.
func (a admission) open(reqs []change.Request, changes []change.Change) []change.Change {
	for i := range changes {
		if w := a.window(i); w != nil && !w.Open && i < len(reqs) && reqs[i].ExpiresAt.IsZero() {
			changes[i].ExpiresAt = w.OpensAt.UTC().Add(change.DefaultLifetime)
		}
	}
	return changes
}

// window is what windows and freezes say about the i-th change; nil: nothing.
func (a admission) window(i int) *change.Gate {
	if i >= len(a.Windows) {
		return nil
	}
	return a.Windows[i]
}

// confirm notes how the changes must be confirmed. It comes after the claims of
// ClientTokens, which are about what the sender asked for.
func (a admission) confirm(changes []change.Change) []change.Change {
	for i := range changes {
		if a.Confirm != nil && i < len(a.Confirm) {
			changes[i].Confirm = a.Confirm[i]
		}
	}
	return changes
}
