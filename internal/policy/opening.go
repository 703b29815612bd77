package policy

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// ApprovalsOf is how many people must approve a request of a person who is not an
// assistant, a freeze that it overrides included.
func (p *Policy) ApprovalsOf(r change.Request) int {
	need := p.Approvals(r.Target, r.Patch.Fields())
	if f, ok := p.Freeze(r.Target, r.Override); ok && r.Override != "" {
		need = max(need, f.Need)
	}
	return need
}

// ApprovalsFor is ApprovalsOf for a request of anybody: what an assistant requests needs
// at least one approval.
func (p *Policy) ApprovalsFor(who Person, r change.Request) int {
	if who.Assistant {
		return max(p.ApprovalsOf(r), 1)
	}
	return p.ApprovalsOf(r)
}

// Opening decides about the windows and freezes of a request that is to be accepted at a
// time: when it may be sent first, at its due time or later, and why it must not be
// accepted. A dry run may always be made.
func (p *Policy) Opening(r change.Request, at time.Time) (window.Verdict, []change.Problem) {
	if r.DryRun {
		return window.Verdict{Open: true}, nil
	}
	due := at
	if r.NotBefore.After(due) {
		due = r.NotBefore
	}
	v := p.Gate(r, due)
	var out []change.Problem
	if no := p.refusesOverride(r, at, due); no != nil {
		out = append(out, *no)
	}
	switch {
	case v.Open:
	case v.Opens.IsZero():
		out = append(out, change.Problem{
			Path: "notBefore", Rule: RuleNeverOpens, Message: "the change cannot be sent within 366 days: " + v.ClosedBy(),
			Hint: "have the windows and freezes of this server corrected in the policy",
		})
	case !r.ExpiresAt.IsZero() && !v.Opens.Before(r.ExpiresAt):
		out = append(out, change.Problem{
			Path: "expiresAt", Rule: RuleExpiresBeforeOpening,
			Message: "the change expires before it may be sent, which is " + v.Opens.In(r.ExpiresAt.Location()).Format(time.RFC3339) + " at the earliest: " + v.ClosedBy(),
			Hint:    "use a later expiresAt, or leave it out: the change then expires 24 hours after that time",
		})
	}
	return v, out
}

// ApprovalCounts is until when an approval of a change counts that is given at a time: to
// the end of the first opening after it, at least change.ApprovalLifetime and at most
// change.MaxApprovalLifetime. Where windows and freezes change nothing, it is zero.
func (p *Policy) ApprovalCounts(c change.Change, at time.Time) time.Time {
	if c.DryRun || c.Undoes != nil {
		return time.Time{}
	}
	from := at
	if c.DueAt.After(from) {
		from = c.DueAt
	}
	v := p.Gate(c.Request, from)
	end := v.Closes
	if !v.Open {
		if v.Opens.IsZero() {
			return time.Time{}
		}
		if end = p.Gate(c.Request, v.Opens).Closes; end.IsZero() {
			end = v.Opens.Add(change.ApprovalLifetime) // nothing closes it again
		}
	}
	if most := at.Add(change.MaxApprovalLifetime); end.After(most) {
		end = most
	}
	if !end.After(at.Add(change.ApprovalLifetime)) {
		return time.Time{}
	}
	return end
}

// refusesOverride returns why a request must not name the freeze that it names; nil if it
// may. The freeze must close the server when the request is made, or when it is due: an
// override that is not needed would have people approve what does not happen, and would
// hold for a freeze that begins later.
func (p *Policy) refusesOverride(r change.Request, at, due time.Time) *change.Problem {
	if r.Override == "" {
		return nil
	}
	f, ok := p.Freeze(r.Target, r.Override)
	closes := func(instant time.Time) bool {
		return !window.Calendar{Freezes: []window.Freeze{f}}.Ask(window.Question{}, instant).Open
	}
	switch {
	case !ok:
		return &change.Problem{
			Path: "override", Rule: RuleOverrideUnknown, Message: "the policy has no freeze " + r.Override + " of this server",
			Hint: "write the name of the freeze as the policy has it, or remove override",
		}
	case !f.MayOverride():
		return &change.Problem{
			Path: "override", Rule: RuleOverrideNotAllowed, Message: "nobody may override the freeze " + f.Name,
			Hint: "remove override: the change then waits until the freeze ends",
		}
	case !closes(at) && !closes(due):
		return &change.Problem{
			Path: "override", Rule: RuleOverrideNotNeeded, Message: "the freeze " + f.Name + " is not in force when the change is due",
			Hint: "remove override",
		}
	default:
		return nil
	}
}
