package intake

import (
	"context"
	"fmt"
	"slices"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/policy"
)

// admission is what the policy says of a document.
type admission struct {
	Person    string `json:"person,omitempty"`
	Approvals []int  `json:"approvals,omitempty"` // by change; nil when none needs any
}

// admit asks the policy about a document's requests. It returns problems when
// any of them is not permitted, and an error when there is no saying.
func (in *Intake) admit(ctx context.Context, a policy.Account, reqs []change.Request) (admission, []change.Problem, error) {
	if in.Policy == nil {
		return admission{}, nil, nil
	}
	p, err := in.Policy(ctx)
	if err != nil {
		return admission{}, nil, fmt.Errorf("who may ask: %w", err)
	}
	if p.Absent() {
		return admission{}, nil, nil
	}
	who, ok := p.Person(a)
	switch {
	case ok:
	case a == policy.Account{Channel: string(change.FromFile)}:
		return admission{}, []change.Problem{{
			Rule: policy.RuleUnknownAccount, Message: "the upload's event was lost, so nobody can tell who uploaded the file",
			Hint: "upload the file again",
		}}, nil
	default:
		return admission{}, []change.Problem{*p.Unknown(a)}, nil
	}
	var problems []change.Problem
	adm := admission{Person: who.Name, Approvals: make([]int, len(reqs))}
	for i, r := range reqs {
		do := policy.Ask
		if r.DryRun {
			do = policy.Read
		}
		if no := p.May(who, do, r.Target, r.Patch.Fields()); no != nil {
			at := no.Under(r.Path)
			at.Line = r.Line
			problems = append(problems, at)
			continue
		}
		if !r.DryRun {
			adm.Approvals[i] = p.Approvals(r.Target, r.Patch.Fields())
		}
	}
	if !slices.ContainsFunc(adm.Approvals, func(n int) bool { return n > 0 }) {
		adm.Approvals = nil
	}
	return adm, problems, nil
}

// MayRead asks the policy whether a sender may look at the servers of requests.
// It fails with *RefusedError where not; any other error means that there is no
// saying. A policy with problems in it permits nothing.
func (in *Intake) MayRead(ctx context.Context, sender string, reqs ...change.Request) error {
	if in.Policy == nil {
		return nil
	}
	p, err := in.Policy(ctx)
	if err != nil {
		return fmt.Errorf("who may look: %w", err)
	}
	a := policy.Account{Channel: string(change.FromHTTP), User: sender}
	who, ok := p.Person(a)
	if !ok {
		return &RefusedError{Forbidden: true, Problems: []change.Problem{*p.Unknown(a)}}
	}
	var problems []change.Problem
	for _, r := range reqs {
		if no := p.May(who, policy.Read, r.Target, nil); no != nil {
			at := no.Under(r.Path)
			at.Line = r.Line
			problems = append(problems, at)
		}
	}
	if len(problems) > 0 {
		return &RefusedError{Forbidden: true, Problems: problems}
	}
	return nil
}

// admitted marks changes with what the policy said of them.
func (a admission) admitted(changes []change.Change) []change.Change {
	for i := range changes {
		changes[i].Origin.Person = a.Person
		if a.Approvals != nil && i < len(a.Approvals) {
			changes[i].Approvals = a.Approvals[i]
		}
	}
	return changes
}
