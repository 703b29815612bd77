package revision

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// Bucket is what this package needs of the object store.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	Put(ctx context.Context, key string, data []byte) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Deps is what revisions work with, for one invocation.
type Deps struct {
	Bucket Bucket
	// Editors are the senders who may put the policy whatever it says.
	Editors []string
	// Senders are those whose requests the function accepts.
	Senders []string
	// Optional: the function works without a policy while there is none.
	Optional bool
	Now      func() time.Time
	Log      *slog.Logger
}

// Revisions reads and puts the policy during one invocation.
type Revisions struct{ Deps }

// New gives the revisions for one invocation.
func New(d Deps) *Revisions { return &Revisions{d} }

// Revision is a text of the policy that was put, or found in the bucket.
type Revision struct {
	Number   int64     `json:"number"`
	At       time.Time `json:"at"`
	By       string    `json:"by,omitempty"`      // the editor, by the policy that was in force; "" for a text that was found
	Account  string    `json:"account,omitempty"` // with which the editor signed
	Digest   string    `json:"digest"`            // of Text, as SHA-256 in hexadecimal digits
	Previous string    `json:"previous"`          // the digest of the text that was in force; "" for none
	Reason   string    `json:"reason,omitempty"`
	Text     string    `json:"text,omitempty"`

	identity  string    // of the request
	requestID string    // of the invocation
	created   time.Time // by the store's clock
	now       time.Time // by the store's clock, when it was read
}

// head is the revision without its text.
func (r Revision) head() *Revision {
	r.Text = ""
	return &r
}

// The names of the rules that refuse a put, and a question about revisions. Those of
// policies are in package policy.
const (
	RuleBaseOutdated    = "policy-base-outdated"
	RulePutUnderWay     = "policy-put-under-way"
	RuleLocksYouOut     = "policy-locks-you-out"
	RuleLocksEverybody  = "policy-locks-everybody-out"
	RuleRevisionUnknown = "revision-unknown"
)

// Kind says why something was refused.
type Kind string

// The kinds of refusals.
const (
	Forbidden Kind = "forbidden" // the account is no editor
	Invalid   Kind = "invalid"   // the policy breaks rules, or locks out
	Outdated  Kind = "outdated"  // another policy is in force than the one that it is based on
	UnderWay  Kind = "under-way" // another put has not ended: try again
	NotFound  Kind = "not-found" // there is no policy, or no such revision
)

// RefusedError says why nothing was shown or put.
type RefusedError struct {
	Kind     Kind
	Problems []change.Problem // at least one
}

// Error names the first problem.
func (e *RefusedError) Error() string { return e.Problems[0].String() }

func refuse(kind Kind, problems ...change.Problem) error {
	return &RefusedError{Kind: kind, Problems: problems}
}

// refuseBy refuses by one rule.
func refuseBy(kind Kind, rule, message, hint string) error {
	return refuse(kind, change.Problem{Rule: rule, Message: message, Hint: hint})
}

// editor is who may read and put the policy, by the policy in force.
type editor struct {
	account policy.Account
	name    string // the person, or the account where the policy knows none
	listed  bool   // by POLICY_EDITORS
}

// editor judges who asks. It fails with [*policy.InvalidError] where the policy in force
// cannot say it.
func (r *Revisions) editor(from policy.Account, now text) (editor, error) {
	out := editor{account: from, name: from.String(), listed: r.lists(from)}
	p, invalid := now.judged(r.Optional)
	if p == nil {
		if out.listed {
			return out, nil
		}
		return editor{}, invalid
	}
	who, known := p.Person(from)
	if known && !p.Absent() {
		out.name = who.Name
	}
	if known && who.Assistant { // also one that POLICY_EDITORS names
		return editor{}, refuse(Forbidden, *p.MayEverywhere(who, policy.Edit))
	}
	if out.listed {
		return out, nil
	}
	if !known {
		return editor{}, refuse(Forbidden, *p.Unknown(from))
	}
	if no := p.MayEverywhere(who, policy.Edit); no != nil {
		return editor{}, refuse(Forbidden, *no)
	}
	return out, nil
}

// lists reports whether POLICY_EDITORS names the sender of an account.
func (r *Revisions) lists(a policy.Account) bool {
	return a.Channel == string(change.FromHTTP) && slices.Contains(r.Editors, a.User)
}

// errDamaged says that an object at the key of a revision is none.
var errDamaged = errors.New("is no revision of the policy: only the function may write below policy/history/")
