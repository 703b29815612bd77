package reconcile

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Types with equal fields are converted as they are: a field that is added to
// one of them does not compile until the other has it, too.

func (s *state) stored() storedState {
	out := storedState{
		Apart: s.Separate, Stalls: all(s.Waits.Past, storeStall), Spent: s.Cost.stored(),
		Past: all(s.Past, func(p Past) storedPast { return storedPast{ID: p.ID, Status: string(p.Status), At: p.At} }),
	}
	if s.Intent != nil {
		in := s.Intent.stored()
		out.Intent = &in
	}
	if s.Decided != nil {
		d := s.Decided.stored()
		out.Decided = &d
	}
	out.Armed = s.Armed.stored()
	if w := s.Waits.Wait; w != nil {
		out.Wait = &storedWait{
			Cause: string(w.Cause), Why: w.Why, Since: w.Since, Next: w.Next, Hold: w.Hold, Connected: w.Connected,
			Settings: all(w.Settings, func(f change.Field) string { return string(f) }),
			Windows:  w.Windows, Freeze: w.Freeze, Holders: convertKeys[string](w.Holders), Opens: w.Opens, Gateway: w.Gateway, Chain: w.Chain,
		}
	}
	return out
}

func (s *storedState) state() state {
	out := state{
		Separate: s.Apart, Waits: waits{Past: all(s.Stalls, loadStall)}, Cost: s.Spent.cost(),
		Past: all(s.Past, func(p storedPast) Past { return Past{ID: p.ID, Status: change.Status(p.Status), At: p.At} }),
	}
	if s.Intent != nil {
		in := s.Intent.intent()
		out.Intent = &in
	}
	if s.Decided != nil {
		d := s.Decided.decision()
		out.Decided = &d
	}
	out.Armed = s.Armed.armed()
	if w := s.Wait; w != nil {
		out.Waits.Wait = &wait{
			Cause: cause(w.Cause), Why: w.Why, Since: w.Since, Next: w.Next, Hold: w.Hold, Connected: w.Connected,
			Settings: all(w.Settings, func(name string) change.Field { return change.Field(name) }),
			Windows:  w.Windows, Freeze: w.Freeze, Holders: convertKeys[change.Field](w.Holders), Opens: w.Opens, Gateway: w.Gateway, Chain: w.Chain,
		}
	}
	return out
}

func (a *armed) stored() *storedArmed {
	if a == nil {
		return nil
	}
	return &storedArmed{ID: a.ID, Key: a.Key, Of: a.Of, Due: a.Due, Proof: a.Proof, Done: all(a.Done, storeDifference)}
}

func (a *storedArmed) armed() *armed {
	if a == nil {
		return nil
	}
	return &armed{ID: a.ID, Key: a.Key, Of: a.Of, Due: a.Due, Proof: a.Proof, Done: all(a.Done, loadDifference)}
}

func storeDifference(d change.Difference) storedDifference {
	return storedDifference{Field: string(d.Field), From: d.From, To: d.To}
}

func loadDifference(d storedDifference) change.Difference {
	return change.Difference{Field: change.Field(d.Field), From: d.From, To: d.To}
}

func (in *intent) stored() storedIntent {
	out := storedIntent{
		Token: in.Token, Patch: storeSettings(in.Patch), Asked: storeSettings(in.Asked),
		Before: storeSettings(in.Before), After: storeSettings(in.After), Readable: in.Readable, GatewayID: in.GatewayID,
		Connected: in.Connected, MaxConnections: in.MaxConnections,
		Keys: in.Keys, Outcomes: all(in.Outcomes, storeOutcome), StartedAt: in.StartedAt, FirstEnd: in.FirstEnd, LastEnd: in.LastEnd,
		Accepted: in.Accepted, AgedNs: in.Aged.Nanoseconds(), Doubted: in.Doubted,
		Withdrawn: in.Withdrawn, WatchedNs: in.Watched.Nanoseconds(), Idle: in.Idle, Override: in.Override, Sent: in.Sent,
		ConfirmMs: in.Confirm.For.Milliseconds(), Prove: in.Confirm.Proof, Look: (*storedLook)(in.Look),
	}
	if r := in.Refusal; r != nil {
		out.Refusal = &storedRefusal{At: r.At, Split: r.Separately, Failure: storedFailure(r.Failure)}
	}
	if a := in.Answers; a != nil {
		out.Answers = &storedAnswers{
			Sends: a.Sends, Count: a.Count, First: a.First.UTC(), Last: a.Last.UTC(), Next: a.Next.UTC(), Landed: a.Landed.UTC(),
			Unchanged: a.Unchanged, Definite: a.Definite, At: a.At.UTC(),
		}
		if f := storedFailure(a.Failure); f != (storedFailure{}) {
			out.Answers.Failure = &f
		}
	}
	return out
}

func (in *storedIntent) intent() intent {
	out := intent{
		Token: in.Token, Patch: loadSettings[change.Patch](in.Patch), Asked: loadSettings[change.Patch](in.Asked),
		Before: loadSettings[change.Settings](in.Before), After: loadSettings[change.Settings](in.After),
		Connected: in.Connected, MaxConnections: in.MaxConnections,
		Readable: in.Readable, GatewayID: in.GatewayID, Keys: in.Keys, Outcomes: all(in.Outcomes, loadOutcome),
		StartedAt: in.StartedAt, FirstEnd: in.FirstEnd, LastEnd: in.LastEnd,
		Accepted: in.Accepted, Aged: time.Duration(in.AgedNs), Doubted: in.Doubted,
		Withdrawn: in.Withdrawn, Watched: time.Duration(in.WatchedNs), Idle: in.Idle, Override: in.Override, Sent: in.Sent,
		Confirm: change.Confirmation{For: time.Duration(in.ConfirmMs) * time.Millisecond, Proof: in.Prove}, Look: (*record.Look)(in.Look),
	}
	if r := in.Refusal; r != nil {
		out.Refusal = &refusal{At: r.At, Separately: r.Split, Failure: record.Failure(r.Failure)}
	}
	if a := in.Answers; a != nil {
		out.Answers = &answers{
			Sends: a.Sends, Count: a.Count, First: a.First, Last: a.Last, Next: a.Next, Landed: a.Landed,
			Unchanged: a.Unchanged, Definite: a.Definite, At: a.At,
		}
		if a.Failure != nil {
			out.Answers.Failure = record.Failure(*a.Failure)
		}
	}
	return out
}

func (d *decision) stored() storedDecision {
	return storedDecision{
		Before: storeSettings(d.Before), After: storeSettings(d.After), GatewayID: d.GatewayID, Token: d.Token,
		Connected: d.Connected, MaxConnections: d.MaxConnections,
		Verified: d.Verified, StartedAt: d.StartedAt, FinishedAt: d.FinishedAt, Stalls: all(d.Waits, storeStall),
		Spent: d.Cost.stored(), Merged: d.Merged, Armed: d.Armed.stored(), Look: (*storedLook)(d.Look), Version: d.Version,
		Items: all(d.Items, func(it item) storedItem {
			return storedItem{storedOutcome: storeOutcome(it.Outcome), Key: it.Key, Failure: (*storedFailure)(it.Failure)}
		}),
	}
}

func (d *storedDecision) decision() decision {
	return decision{
		Before: loadSettings[change.Settings](d.Before), After: loadSettings[change.Settings](d.After),
		GatewayID: d.GatewayID, Token: d.Token, Connected: d.Connected, MaxConnections: d.MaxConnections,
		Verified: d.Verified, StartedAt: d.StartedAt, FinishedAt: d.FinishedAt, Waits: all(d.Stalls, loadStall),
		Cost: d.Spent.cost(), Merged: d.Merged, Armed: d.Armed.armed(), Look: (*record.Look)(d.Look), Version: d.Version,
		Items: all(d.Items, func(it storedItem) item {
			return item{Outcome: loadOutcome(it.storedOutcome), Key: it.Key, Failure: (*record.Failure)(it.Failure)}
		}),
	}
}

func storeOutcome(o plan.Outcome) storedOutcome {
	out := storedOutcome{
		ID: o.ID, Status: string(o.Status),
		Changed:  all(o.Changed, storeDifference),
		Problems: all(o.Problems, func(p change.Problem) storedProblem { return storedProblem(p) }),
		Votes: all(o.Votes, func(v change.Vote) storedVote {
			return storedVote{Word: string(v.Kind), Person: v.Person, Account: v.Account, At: v.At, Showing: v.Digest, Reason: v.Reason, Until: v.Until, Lapses: v.LapsesAt}
		}),
	}
	out.SupersededBy = convertKeys[string](o.SupersededBy)
	return out
}

func loadOutcome(o storedOutcome) plan.Outcome {
	out := plan.Outcome{
		ID: o.ID, Status: change.Status(o.Status),
		Changed:  all(o.Changed, loadDifference),
		Problems: all(o.Problems, func(p storedProblem) change.Problem { return change.Problem(p) }),
		Votes: all(o.Votes, func(v storedVote) change.Vote {
			return change.Vote{Kind: change.VoteKind(v.Word), Person: v.Person, Account: v.Account, At: v.At, Digest: v.Showing, Reason: v.Reason, Until: v.Until, LapsesAt: v.Lapses}
		}),
	}
	out.SupersededBy = convertKeys[change.Field](o.SupersededBy)
	return out
}

// convertKeys is a map by names of settings with keys of another type.
func convertKeys[To, From ~string](m map[From]string) map[To]string {
	if m == nil {
		return nil
	}
	out := make(map[To]string, len(m))
	for name, id := range m {
		out[To(name)] = id
	}
	return out
}

func (c cost) stored() storedSpent {
	return storedSpent{
		VPCCalls: c.VPCCalls, OSSRequests: c.OSSRequests, Invocations: c.Invocations,
		Attempts: all(c.Attempts, func(a record.Attempt) storedAttempt { return storedAttempt(a) }),
	}
}

func (s storedSpent) cost() cost {
	return cost{
		VPCCalls: s.VPCCalls, OSSRequests: s.OSSRequests, Invocations: s.Invocations,
		Attempts: all(s.Attempts, func(a storedAttempt) record.Attempt { return record.Attempt(a) }),
	}
}

func storeStall(w pastWait) storedStall {
	return storedStall{Cause: string(w.Cause), From: w.From, To: w.To}
}

func loadStall(s storedStall) pastWait {
	return pastWait{Cause: cause(s.Cause), From: s.From, To: s.To}
}

func storeSettings[M ~map[change.Field]change.Value](in M) storedSettings {
	if in == nil {
		return nil
	}
	out := make(storedSettings, len(in))
	for f, v := range in {
		out[string(f)] = v
	}
	return out
}

func loadSettings[M ~map[change.Field]change.Value](in storedSettings) M {
	if in == nil {
		return nil
	}
	out := make(M, len(in))
	for name, v := range in {
		out[change.Field(name)] = v
	}
	return out
}

// all converts the elements of a slice. Nil stays nil.
func all[A, B any](in []A, convert func(A) B) []B {
	if in == nil {
		return nil
	}
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = convert(a)
	}
	return out
}
