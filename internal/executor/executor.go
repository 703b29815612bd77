package executor

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/command"
	"sslvpnchange/internal/intake"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
)

// Deps is what an executor works with, for one invocation.
type Deps struct {
	Intake     *intake.Intake
	Reconciler *reconcile.Reconciler
	Records    *record.Records
	Policy     func(context.Context) (*policy.Policy, error)
	// Preflight tells whether the buckets can carry create-only writes; nil when that is
	// known. It is asked for every command, and remembers.
	Preflight func(context.Context) error
	// WarmUp gets ready what the first look at a server of Region waits for; nil
	// when there is no such thing.
	WarmUp func(context.Context)
	Region string // of servers that are named without theirs
	Now    func() time.Time
	Log    *slog.Logger
}

// Executor does what commands ask for during one invocation.
type Executor struct{ Deps }

// New gives an executor for one invocation.
func New(d Deps) *Executor { return &Executor{d} }

// LookTime bounds the look at a server that an answer waits for: platforms
// allow 2 to 5 s for all of it.
const LookTime = 1500 * time.Millisecond

// Asker is who sent a command, as the door verified it, and how.
type Asker struct {
	Account policy.Account
	Message intake.Message
	Origin  change.Origin // of what it asks for, without the person
	// Reply gives where to say how a change ends, and in which language, once it
	// is known who asks; nil when nobody needs to be told.
	Reply func(Heard) (json.RawMessage, error)
}

// Heard is who sent a command, by the policy.
type Heard struct {
	Person policy.Person
	Known  bool // the policy knows the account
}

// Do does what a command asks for. Before it reads anything of a server, or
// puts anything in line, it has claimed the message, asked the policy, and been
// told that the buckets are fit. It fails with *intake.RefusedError for
// a message whose id or signature came with another one, and with
// *policy.InvalidError for a policy that cannot be used; any other error means
// that the object store failed, and the message may be delivered again as it is.
// The doorbells are left to the caller: see Answer.Lanes.
func (e *Executor) Do(ctx context.Context, a Asker, c command.Command) (Answer, Heard, error) {
	r := &request{Executor: e, asker: a, cmd: c}
	prepared := r.warmUp(ctx)
	defer prepared() // a request must not outlive the invocation: the instance may be frozen
	if err := r.begin(ctx); err != nil {
		return Answer{}, Heard{}, fmt.Errorf("command: %w", err)
	}
	who, ok := r.policy.Person(a.Account)
	r.who = who
	heard := Heard{Person: who, Known: ok}
	if a.Reply != nil {
		var err error
		if r.reply, err = a.Reply(heard); err != nil {
			return Answer{}, heard, fmt.Errorf("reply address: %w", err)
		}
	}
	ans, err := r.do(ctx, ok)
	if err != nil {
		return Answer{}, heard, fmt.Errorf("%s: %w", c.Verb, err)
	}
	ans.Command, ans.Verb, ans.By, ans.Told = c, c.Verb, who.Name, a.Reply != nil
	return ans, heard, nil
}

// request is one command being done.
type request struct {
	*Executor

	asker   Asker
	cmd     command.Command
	who     policy.Person
	policy  *policy.Policy
	claimed intake.Claimed
	found   *finding // before the claim was made; nil for commands about no change
	reply   json.RawMessage
}

func (r *request) do(ctx context.Context, known bool) (Answer, error) {
	if !known && r.cmd.Verb != command.Help {
		return refused(Forbidden, *r.policy.Unknown(r.asker.Account)), nil
	}
	switch r.cmd.Verb {
	case command.Plan:
		return r.plan(ctx)
	case command.Apply:
		return r.apply(ctx)
	case command.Rollback:
		return r.rollback(ctx)
	case command.Status:
		return r.status(ctx)
	case command.History:
		return r.history(ctx)
	case command.Approve, command.Reject, command.Cancel:
		return r.word(ctx)
	case command.Help:
		return Answer{Outcome: Shown}, nil
	default:
		return Answer{}, fmt.Errorf("no verb %q", r.cmd.Verb)
	}
}

func refused(kind Refusal, problems ...change.Problem) Answer {
	return Answer{Outcome: Refused, Refusal: kind, Problems: problems}
}

// may asks the policy, and gives the refusal.
func (r *request) may(do policy.Permission, t change.Target, fields []change.Field) (Answer, bool) {
	if no := r.policy.May(r.who, do, t, fields); no != nil {
		return refused(Forbidden, *no), false
	}
	return Answer{}, true
}
