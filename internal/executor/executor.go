package executor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Deps is what an executor works with, for one invocation.
type Deps struct {
	Intake     *intake.Intake
	Reconciler *reconcile.Reconciler
	Records    *record.Records
	Index      *index.Index
	Policy     func(context.Context) (*policy.Policy, error)
	// Preflight checks that the buckets can carry create-only writes. It is called
	// for every command and remembers a success. Nil when it was called before.
	Preflight func(context.Context) error
	// WarmUp reads what the first preview of a server of Region needs; nil when
	// there is nothing to read.
	WarmUp  func(context.Context)
	Region  string         // of servers that are named without theirs
	Regions change.Regions // whose servers may be read and changed
	Now     func() time.Time
	Log     *slog.Logger
}

// Executor executes commands during one invocation.
type Executor struct{ Deps }

// New gives an executor for one invocation.
func New(d Deps) *Executor { return &Executor{d} }

// PreviewTime bounds the reading of a server for an answer: platforms allow 2 to
// 5 s for the whole answer.
const PreviewTime = 1500 * time.Millisecond

// Requester is who sent a command, as the channel verified it, and how.
type Requester struct {
	Account policy.Account
	Message intake.Message
	Origin  change.Origin // of what the command asks for, without the person
	// Reply gives the address for the outcome of a change, with the language to
	// use, once the sender is known; nil when the outcome is not sent.
	Reply func(Sender) (json.RawMessage, error)
	// SentAt is when the sender wrote the message, as the platform says; zero where
	// it does not say.
	SentAt time.Time
	// Zone is the time zone of people whose own the policy does not say; nil is UTC.
	Zone *time.Location
}

// zoneOf is the time zone in which a person writes and reads times.
func (r Requester) zoneOf(who policy.Person) *time.Location {
	zone := r.Zone
	if zone == nil {
		zone = time.UTC
	}
	return who.Zone.Location(zone)
}

// MaxAge is the age up to which a message is executed, and MaxAhead how far its
// time may be ahead of the clock. Platforms and clients deliver some messages
// hours late, when the sender does not expect an effect any more.
const (
	MaxAge   = 10 * time.Minute
	MaxAhead = 5 * time.Minute
)

// late reports whether the message is too old to be executed, or its time is in
// the future.
func (r Requester) late(now time.Time) bool {
	age := now.Sub(r.SentAt)
	return !r.SentAt.IsZero() && (age > MaxAge || age < -MaxAhead)
}

// LateError refuses a message that is too old. Nothing of it was executed.
type LateError struct{ SentAt time.Time }

// Error names the time.
func (e *LateError) Error() string {
	return "the message is too old: it was sent at " + e.SentAt.UTC().Format(time.RFC3339)
}

// Sender is who sent a command, by the policy.
type Sender struct {
	Person policy.Person
	Known  bool // the policy lists the account
	Zone   *time.Location
}

// Do executes a command. Before it reads a server or queues anything, the
// message is claimed, the policy is read, and the buckets have passed the
// preflight. It fails with *intake.RefusedError for a message whose id or
// signature was used for another message, with *LateError for one that is too
// old, and with *policy.InvalidError for an invalid policy. Any other error means that the outcome is open: deliver the
// message again. It wakes no lanes: see Answer.Lanes.
func (e *Executor) Do(ctx context.Context, from Requester, c command.Command) (Answer, Sender, error) {
	act, err := actionOf(c)
	if err != nil {
		return Answer{}, Sender{}, err
	}
	warm := e.startWarmUp(ctx, act)
	defer warm() // a request must not outlive the invocation: the instance may be frozen
	begun, err := e.begin(ctx, from.Message, c, act)
	if err != nil {
		return Answer{}, Sender{}, fmt.Errorf("command: %w", err)
	}
	var sender Sender
	if begun.unusable == nil {
		sender.Person, sender.Known = begun.policy.Person(from.Account)
	}
	sender.Zone = from.zoneOf(sender.Person)
	c, clocks := c.Resolved(begun.claimed.At, sender.Zone) // a redelivery has the same time of acceptance
	r := &request{Executor: e, beginning: begun, from: from, cmd: c, who: sender.Person}
	if from.Reply != nil {
		if r.reply, err = from.Reply(sender); err != nil {
			return Answer{}, sender, fmt.Errorf("reply address: %w", err)
		}
	}
	ans, err := r.do(ctx, act, sender.Known)
	if err != nil {
		return Answer{}, sender, fmt.Errorf("%s: %w", c.Verb, err)
	}
	ans.Clocks, ans.Zone = clocks, sender.Zone
	ans.Command, ans.Verb, ans.By, ans.Notifies = c, c.Verb, sender.Person.Name, from.Reply != nil
	return ans, sender, nil
}

// request is one command that is executed.
type request struct {
	*Executor
	beginning

	from  Requester
	cmd   command.Command
	who   policy.Person
	reply json.RawMessage
}

// action is how a verb is executed.
type action struct {
	run      func(*request, context.Context) (Answer, error)
	before   func(*request, context.Context) (ans Answer, found bool, err error) // what an earlier delivery has done; nil for an action that only reads
	previews bool                                                                // it reads a server, unless it is refused before
	finds    bool                                                                // it is about the change that the command names
	unruled  func(*request, context.Context) (Answer, error)                     // executes it while the policy cannot be used; nil: that is an error
	open     bool                                                                // also to accounts that the policy does not list
}

func actionOf(c command.Command) (action, error) {
	switch c.Verb {
	case command.Plan:
		return action{run: (*request).plan, previews: true}, nil
	case command.Apply:
		return action{run: (*request).apply, before: (*request).queuedBefore, previews: true}, nil
	case command.Rollback:
		return action{run: (*request).rollback, before: (*request).queuedBefore, previews: true}, nil
	case command.Status:
		return action{run: (*request).status, previews: c.Server != "", finds: c.Change != ""}, nil
	case command.Servers:
		return action{run: (*request).servers, previews: true}, nil
	case command.History:
		return action{run: (*request).history}, nil
	case command.Windows:
		return action{run: (*request).windows}, nil
	case command.Approve:
		return action{run: voting((*request).approve), before: (*request).votedEarlier, previews: true, finds: true}, nil
	case command.Reject:
		return action{run: voting((*request).reject), before: (*request).votedEarlier, finds: true}, nil
	case command.Cancel:
		return action{run: voting((*request).cancel), before: (*request).votedEarlier, unruled: (*request).cancelOwn, finds: true}, nil
	case command.Confirm:
		return action{run: (*request).confirm, before: (*request).confirmedEarlier, unruled: (*request).confirmOwn, finds: true}, nil
	case command.Help:
		return action{run: (*request).help, open: true}, nil
	default:
		return action{}, fmt.Errorf("no verb %q", c.Verb)
	}
}

func (r *request) do(ctx context.Context, act action, known bool) (Answer, error) {
	if r.unusable != nil {
		return act.unruled(r, ctx)
	}
	if !known && !act.open {
		return Answer{}.refuse(Forbidden, *r.policy.Unknown(r.from.Account)), nil
	}
	if r.from.late(r.Now()) {
		act.run = func(r *request, ctx context.Context) (Answer, error) { return r.late(ctx, act) }
	}
	ans, err := act.run(r, ctx)
	if no, ok := errors.AsType[*refusal](err); ok {
		return Answer{}.refuse(no.kind, no.problems...), nil
	}
	if several, ok := errors.AsType[*reconcile.AmbiguousError](err); ok {
		return Answer{}.refuseBy(Invalid, RuleAmbiguousChange, several.Error(), "type more characters of the id, or copy the whole id from the answer that names it"), nil
	}
	return ans, err
}

// late shows what an earlier delivery of a message has done that is too old now.
// It does nothing, so that the answer to a message does not contradict its effect.
func (r *request) late(ctx context.Context, a action) (Answer, error) {
	if a.before != nil && r.claimed.Again {
		if ans, found, err := a.before(r, ctx); found || err != nil {
			return ans, err
		}
	}
	return Answer{}, &LateError{r.from.SentAt}
}

func (r *request) help(context.Context) (Answer, error) { return Answer{Outcome: Shown}, nil }

// refusal ends a command with a refusal that shows nothing else.
type refusal struct {
	kind     Refusal
	problems []change.Problem
}

// Error names the kind.
func (e *refusal) Error() string { return "refused: " + string(e.kind) }

func refuse(kind Refusal, problems ...change.Problem) error {
	return &refusal{kind: kind, problems: problems}
}

// may asks the policy. It fails with the refusal.
func (r *request) may(do policy.Permission, t change.Target, fields []change.Field) error {
	if no := r.policy.May(r.who, do, t, fields); no != nil {
		return refuse(Forbidden, *no)
	}
	return nil
}
