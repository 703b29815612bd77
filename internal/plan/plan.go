package plan

import (
	"slices"
	"time"

	"sslvpnchange/internal/change"
)

// Input is what a plan is made from.
type Input struct {
	Before         change.Settings // the server's settings; ignored unless Readable
	MaxConnections int             // the server's limit; 0 when not known
	Readable       bool            // whether the server may be read
	Now            time.Time
	Changes        []change.Change // due or withdrawn, in order
	// Votes are what people said of changes, by id, in the order in which they did.
	Votes map[string][]change.Vote
}

// Plan is what a batch of changes comes to.
type Plan struct {
	Patch    change.Patch    // what to send; empty when there is nothing to send
	Asked    change.Patch    // the merged values that must hold afterwards
	After    change.Settings // Before with Asked
	Outcomes []Outcome       // one for each change, in order
}

// Outcome is what becomes of one change once the plan's patch is applied.
// Status Applied stands for "will be applied".
type Outcome struct {
	ID           string                  `json:"id"`
	Status       change.Status           `json:"status"`
	Changed      []change.Difference     `json:"changed,omitempty"`
	SupersededBy map[change.Field]string `json:"supersededBy,omitempty"`
	Problems     []change.Problem        `json:"problems,omitempty"`
	Votes        []change.Vote           `json:"votes,omitempty"` // that counted
}

// RuleNotReadable is the rule that refuses a change which can only be judged
// by reading the server.
const RuleNotReadable = "server-not-readable"

// Make works out a plan.
func Make(in Input) Plan {
	if !in.Readable {
		in.Before = nil
	}
	turn := in.Before
	p := Plan{Asked: change.Patch{}, Outcomes: make([]Outcome, len(in.Changes))}
	var merged []int
	for i, c := range in.Changes {
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
	settle(in, &p, merged)
	return p
}

// judge decides whether a change may go ahead at its turn.
func judge(in Input, turn change.Settings, c change.Change) Outcome {
	o := Outcome{ID: c.ID, Status: change.Applied}
	if out, ok := Withdrawn(c.ID, in.Votes[c.ID]); ok {
		return out
	}
	if !c.ExpiresAt.IsZero() && !in.Now.Before(c.ExpiresAt) {
		o.Status = change.Expired
		if c.Approvals > 0 {
			o.Votes = CountApprovals(c, in.Votes[c.ID], in.Now).Agreed
		}
		return o
	}
	if in.Readable {
		o.Problems = append(o.Problems, change.CheckExpect(turn, c.Expect)...)
		o.Problems = append(o.Problems, change.CheckMerged(c.Patch, turn.With(c.Patch), in.MaxConnections)...)
	} else {
		o.Problems = blind(c)
	}
	if c.Approvals > 0 {
		agreed(&o, in, turn, c)
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

// blind refuses what cannot be judged without reading the server.
func blind(c change.Change) []change.Problem {
	var out []change.Problem
	const hint = "grant the function's role vpc:DescribeSslVpnServers, or leave this out"
	if len(c.Expect) > 0 {
		out = append(out, change.Problem{
			Path: "expect", Rule: RuleNotReadable, Hint: hint,
			Message: "the server's settings may not be read, so they cannot be compared",
		})
	}
	if c.DryRun {
		out = append(out, change.Problem{
			Path: "dryRun", Rule: RuleNotReadable, Hint: hint,
			Message: "the server's settings may not be read, so nothing can be planned",
		})
	}
	return out
}

// send is the part of the merged values that goes to the API: what differs,
// and what the API wants beside it.
func send(in Input, asked change.Patch) change.Patch {
	if !in.Readable {
		return asked
	}
	patch := change.Patch{}
	for _, d := range change.Diff(in.Before, asked) {
		patch[d.Field] = d.To
	}
	after := in.Before.With(asked)
	// A modification that names one of the two address fields and not the other
	// is not known to be safe: the vendor's own Terraform provider has sent both
	// together since 2019.
	if has(patch, change.ClientIPPool, change.LocalSubnet) {
		bring(patch, after, change.ClientIPPool, change.LocalSubnet)
	}
	// Two-factor authentication is refused without the identity provider it
	// belongs to (ModifySslVpnServer, EnableMultiFactorAuth).
	if on, _ := after[change.EnableMultiFactorAuth].Flag(); on &&
		has(patch, change.EnableMultiFactorAuth, change.IDaaSInstanceID, change.IDaaSRegionID, change.IDaaSApplicationID) {
		bring(patch, after, change.EnableMultiFactorAuth, change.IDaaSInstanceID, change.IDaaSRegionID, change.IDaaSApplicationID)
	}
	return patch
}

func has(p change.Patch, fields ...change.Field) bool {
	for _, f := range fields {
		if _, ok := p[f]; ok {
			return true
		}
	}
	return false
}

func bring(p change.Patch, from change.Settings, fields ...change.Field) {
	for _, f := range fields {
		if v, ok := from[f]; ok && v.String() != "" {
			p[f] = v
		}
	}
}

// settle says what each change that goes ahead brings about: it is superseded
// where later ones set all that it does, and unchanged where the server had all
// of that already, or where nothing is sent at all.
func settle(in Input, p *Plan, merged []int) {
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
		case len(last) == 0:
			o.Status = change.Superseded
		// A change that differs only where a later one wins depends on the
		// modification all the same: were the API to refuse that one, this one
		// would be applied alone.
		case in.Readable && (len(p.Patch) == 0 || len(change.Diff(in.Before, c.Patch)) == 0):
			o.Status = change.Unchanged
		}
	}
}

// differences is what a patch alters; all of it where the server's settings are
// not known.
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
