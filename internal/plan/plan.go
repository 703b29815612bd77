package plan

import (
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Input is the input of a plan.
type Input struct {
	Before         change.Settings // the server's settings; ignored unless Readable
	MaxConnections int             // the server's limit; 0 when not known
	Readable       bool            // whether the function may read the server
	Now            time.Time
	Changes        []change.Change // due or withdrawn, in order
	// Votes are the votes on changes, by the id of the change, in order.
	Votes map[string][]change.Vote
	// Refused are the changes that the policy no longer permits, with the problem, by
	// the id of the change.
	Refused map[string]change.Problem
}

// Plan is the result for a batch of changes.
type Plan struct {
	Patch    change.Patch    // what to send; empty when there is nothing to send
	Asked    change.Patch    // the merged values that must hold afterwards
	After    change.Settings // Before with Asked
	Outcomes []Outcome       // one for each change, in order
}

// Outcome is the outcome of one change once the plan's patch is applied. The status
// Applied means "will be applied".
type Outcome struct {
	ID           string                  `json:"id"`
	Status       change.Status           `json:"status"`
	Changed      []change.Difference     `json:"changed,omitempty"`
	SupersededBy map[change.Field]string `json:"supersededBy,omitempty"`
	Problems     []change.Problem        `json:"problems,omitempty"`
	Votes        []change.Vote           `json:"votes,omitempty"` // those that counted
}

// RuleNotReadable is the rule that refuses a change that cannot be checked without
// reading the server.
const RuleNotReadable = "server-not-readable"

// Make computes a plan.
func Make(in Input) Plan {
	if !in.Readable {
		in.Before = nil
	}
	in.Changes = slices.Clone(in.Changes)
	turn := in.Before
	p := Plan{Asked: change.Patch{}, Outcomes: make([]Outcome, len(in.Changes))}
	var merged []int
	for i, c := range in.Changes {
		c = resolveUndo(in, turn, c)
		in.Changes[i] = c
		o := &p.Outcomes[i]
		*o = judge(in, turn, c)
		if o.Status == change.Applied {
			merged = append(merged, i)
			turn = turn.With(c.Patch)
			p.Asked = p.Asked.Merge(c.Patch)
		}
	}
	p.After = turn
	p.Patch = send(in, p.Asked)
	setOutcomes(in, &p, merged)
	return p
}

// judge decides whether a change may be applied at its turn.
func judge(in Input, turn change.Settings, c change.Change) Outcome {
	o := Outcome{ID: c.ID, Status: change.Applied}
	if out, ok := Withdrawn(c, in.Votes[c.ID]); ok {
		return out
	}
	if !c.ExpiresAt.IsZero() && !in.Now.Before(c.ExpiresAt) {
		o.Status = change.Expired
		if c.Approvals > 0 {
			o.Votes = CountApprovals(c, in.Votes[c.ID], in.Now).Agreed
		}
		return o
	}
	if no, refused := in.Refused[c.ID]; refused {
		o.Status, o.Problems = change.Rejected, []change.Problem{no}
		return o
	}
	switch {
	case c.Undoes != nil: // its values were checked when it was resolved
		o.Votes, o.Problems = in.Votes[c.ID], checkUndo(in, turn, c)
	case in.Readable:
		o.Problems = append(o.Problems, change.CheckExpect(turn, c.Expect)...)
		o.Problems = append(o.Problems, change.CheckMerged(c.Patch, turn.With(c.Patch), in.MaxConnections)...)
		o.Problems = append(o.Problems, checkConfirm(turn, c, in.MaxConnections)...)
	default:
		o.Problems = checkUnreadable(c)
	}
	if c.Approvals > 0 {
		checkApprovals(&o, in, turn, c)
	}
	switch {
	case len(o.Problems) > 0:
		o.Status = change.Rejected
	case c.DryRun:
		o.Status = change.Planned
		o.Changed = change.Diff(turn, c.Patch)
	}
	return o
}

// checkUnreadable refuses what cannot be checked without reading the server.
func checkUnreadable(c change.Change) []change.Problem {
	var out []change.Problem
	const hint = "grant the function's role vpc:DescribeSslVpnServers, or remove this key"
	if len(c.Expect) > 0 {
		out = append(out, change.Problem{
			Path: "expect", Rule: RuleNotReadable, Hint: hint,
			Message: "the function may not read the server's settings, so it cannot compare them",
		})
	}
	if !c.Confirm.IsZero() {
		out = append(out, change.Problem{
			Path: "confirm", Rule: RuleNotReadable, Hint: hint,
			Message: "the function may not read the server's settings, so it cannot undo the change",
		})
	}
	if c.DryRun {
		out = append(out, change.Problem{
			Path: "dryRun", Rule: RuleNotReadable, Hint: hint,
			Message: "the function may not read the server's settings, so it cannot make a plan",
		})
	}
	return out
}

// send selects the merged values that are sent to the API: those that differ, and
// their companions.
func send(in Input, asked change.Patch) change.Patch {
	if !in.Readable {
		return asked
	}
	patch := change.Patch{}
	for _, d := range change.Diff(in.Before, asked) {
		patch[d.Field] = d.To
	}
	after := in.Before.With(asked)
	for _, f := range patch.Fields() {
		for _, companion := range f.Companions(after) {
			if v, ok := after[companion]; ok && v.String() != "" {
				patch[companion] = v
			}
		}
	}
	return patch
}

// setOutcomes sets the outcomes of the accepted changes. A change is superseded if
// later ones set all of its settings, and unchanged if the server already has all of
// its values or nothing is sent.
func setOutcomes(in Input, p *Plan, merged []int) {
	setter := map[change.Field]string{}
	for _, i := range slices.Backward(merged) {
		o, c := &p.Outcomes[i], in.Changes[i]
		last := change.Patch{}
		for f, v := range c.Patch {
			if by, again := setter[f]; again {
				if o.SupersededBy == nil {
					o.SupersededBy = map[change.Field]string{}
				}
				o.SupersededBy[f] = by
				continue
			}
			last[f] = v
			setter[f] = c.ID
		}
		o.Changed = differences(in, last)
		switch {
		case len(last) == 0 && len(c.Patch) > 0:
			o.Status = change.Superseded
		// A change that differs only in settings that a later one sets is not
		// unchanged: if the API refuses the merged modification, the changes are sent
		// separately, and then this one alters the server.
		case in.Readable && (len(p.Patch) == 0 || len(change.Diff(in.Before, c.Patch)) == 0):
			o.Status = change.Unchanged
		}
	}
}

// differences is what a patch alters: all of it if the server's settings are not
// known.
func differences(in Input, p change.Patch) []change.Difference {
	if in.Readable {
		return change.Diff(in.Before, p)
	}
	var out []change.Difference
	for _, f := range p.Fields() {
		out = append(out, change.Difference{Field: f, To: p[f]})
	}
	return out
}
