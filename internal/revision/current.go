package revision

import (
	"context"
	"errors"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// Current is the policy in force.
type Current struct {
	Text   string    `json:"text"` // as it is stored; "" for one that is not UTF-8
	Digest string    `json:"digest"`
	Saved  time.Time `json:"savedAt"` // by the store's clock
	// Revision is the one with this text, without it; nil for a policy that somebody saved in
	// the bucket.
	Revision *Revision `json:"revision,omitempty"`
	// Unfinished is a later revision that never came into force: its put was interrupted,
	// or somebody saved another policy in the bucket since.
	Unfinished *Revision        `json:"unfinished,omitempty"`
	Problems   []change.Problem `json:"problems"` // of an invalid policy
}

// Current shows the policy in force. It fails with *RefusedError, with
// *policy.InvalidError where the policy cannot say who may read it, or with that of the
// store.
func (r *Revisions) Current(ctx context.Context, from policy.Account) (Current, error) {
	now, err := r.text(ctx)
	if err != nil {
		return Current{}, err
	}
	if _, err := r.editor(from, now); err != nil {
		return Current{}, err
	}
	if now.digest == "" {
		return Current{}, refuseBy(NotFound, policy.RulePolicyMissing, "there is no policy", "put one: it is based on none")
	}
	newest, err := r.newest(ctx)
	if err != nil {
		return Current{}, err
	}
	out := Current{Text: now.shown(), Digest: now.digest, Saved: now.saved.UTC(), Problems: now.problems()}
	switch {
	case newest == nil:
	case newest.Digest == now.digest:
		out.Revision = newest.head()
	default:
		out.Unfinished = newest.head()
	}
	return out, nil
}

// problems lists those of an invalid policy.
func (t text) problems() []change.Problem {
	if t.invalid == nil {
		return []change.Problem{}
	}
	return t.invalid.Problems
}

// Check is what a policy would change if it were put.
type Check struct {
	Base       string             `json:"base"`     // the digest of the policy in force; "" for none
	Digest     string             `json:"digest"`   // of the policy that is checked
	Problems   []change.Problem   `json:"problems"` // for which it would not be put
	Unchanged  bool               `json:"unchanged,omitempty"`
	Comparison *policy.Comparison `json:"comparison,omitempty"` // nil for an invalid policy
}

// Check says what a policy would allow and forbid compared with the one in force. It
// changes nothing. It fails as Current does.
func (r *Revisions) Check(ctx context.Context, from policy.Account, data []byte) (Check, error) {
	now, err := r.text(ctx)
	if err != nil {
		return Check{}, err
	}
	who, err := r.editor(from, now)
	if err != nil {
		return Check{}, err
	}
	out := Check{Base: now.digest, Digest: Digest(data), Problems: []change.Problem{}}
	next, problems := policy.Parse(data, document.YAML)
	if len(problems) > 0 {
		out.Problems = problems
		return out, nil
	}
	out.Unchanged = out.Digest == now.digest
	if no, ok := errors.AsType[*RefusedError](r.lockOut(who, next, false)); ok && !out.Unchanged {
		out.Problems = no.Problems
	}
	c := policy.Compare(now.before(r.Optional), next)
	out.Comparison = &c
	return out, nil
}

// lockOut refuses a policy with which nobody could put the next one, and one with which
// its editor could not, unless the editor gives the right up.
func (r *Revisions) lockOut(who editor, next *policy.Policy, giveUp bool) error {
	if len(r.Editors) == 0 && !r.anyEditor(next) {
		return refuseBy(Invalid, RuleLocksEverybody, "with this policy, nobody could put the next one",
			"grant the role policy-editor on \"*\" to a person with an account of the door http whose user is a sender of WEBHOOK_SECRETS")
	}
	if who.listed || giveUp || r.edits(next, who.account) {
		return nil
	}
	return refuseBy(Invalid, RuleLocksYouOut, "with this policy, "+who.name+" could not put the next one",
		"grant yourself the role policy-editor on \"*\", or say that you give the right up: giveUpRight")
}

// edits reports whether a policy lets an account put the next one.
func (*Revisions) edits(p *policy.Policy, a policy.Account) bool {
	who, known := p.Person(a)
	return known && p.MayEverywhere(who, policy.Edit) == nil
}

// anyEditor reports whether a policy lets any sender put the next one.
func (r *Revisions) anyEditor(p *policy.Policy) bool {
	for _, sender := range r.Senders {
		if r.edits(p, policy.Account{Channel: string(change.FromHTTP), User: sender}) {
			return true
		}
	}
	return false
}
