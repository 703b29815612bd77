package reconcile_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// folk are the people of the policies below.
const folk = `
people:
  - {name: mei, accounts: [{door: slack, tenant: T1, user: mei}]}
  - {name: jun, accounts: [{door: slack, tenant: T1, user: jun}]}
  - {name: lan, accounts: [{door: slack, tenant: T1, user: lan}]}
`

// usual is a policy that permits what the tests ask for.
const usual = folk + `
grants:
  - {who: [mei, lan], roles: [operator], servers: ["*"]}
  - {who: [jun, lan], roles: [approver], servers: ["*"]}
`

// ruled is a harness with a policy that may change at any time.
type ruled struct {
	*harness

	text string
	err  error // the policy cannot be read
	read int
}

func newRuled(t *testing.T) *ruled {
	t.Helper()
	return &ruled{harness: newHarness(t), text: usual}
}

//nolint:ireturn // it is what reconcile asks for
func (r *ruled) permissions(context.Context) (reconcile.Permissions, error) {
	r.read++
	if r.err != nil {
		return nil, r.err
	}
	p, problems := policy.Parse([]byte(r.text), document.YAML)
	if len(problems) > 0 {
		return nil, &policy.InvalidError{Problems: problems}
	}
	return p, nil
}

func (r *ruled) work(edit ...func(*reconcile.Deps, *reconcile.Policy)) reconcile.Report {
	r.t.Helper()
	return r.drain(append(edit, func(d *reconcile.Deps, _ *reconcile.Policy) { d.Permissions = r.permissions })...)
}

// asks queues a change of somebody in chat that needs approvals.
func (r *ruled) asks(who string, need int, p change.Patch) string {
	r.t.Helper()
	return r.submit(func(c *change.Change) {
		c.Patch, c.Approvals = p, need
		c.Account = change.Account{Channel: "slack", Tenant: "T1", User: who}
		c.Origin = change.Origin{Kind: change.FromChat, Actor: c.Account.String(), Person: who, Source: "message 1"}
	})
}

// A change that the policy permitted when it was accepted is not applied if the
// policy refuses it when it is due.
func TestAttackAPolicyThatChangesBeforeTheChangeIsDue(t *testing.T) {
	t.Parallel()
	grants := func(text string) string { return folk + "grants:\n" + text }
	for name, tt := range map[string]struct {
		policy string
		says   string // "" if the change is applied
	}{
		"nothing changes":                   {usual, ""},
		"no grants":                         {folk + "grants: []\n", "mei may not request changes of Port"},
		"nobody at all":                     {"people: []\ngrants: []\n", "belongs to no person"},
		"the requester is a viewer now":     {grants("- {who: [mei], roles: [viewer], servers: ['*']}\n- {who: [jun], roles: [approver], servers: ['*']}\n"), "mei may not request changes of Port"},
		"another server only":               {grants("- {who: [mei], roles: [operator], servers: [vss-other]}\n- {who: [jun], roles: [approver], servers: ['*']}\n"), "mei may not request"},
		"another setting only":              {grants("- {who: [mei], roles: [operator], servers: ['*'], settings: [Cipher]}\n- {who: [jun], roles: [approver], servers: ['*']}\n"), "mei may not request changes of Port"},
		"the requester's account is gone":   {strings.Replace(usual, "user: mei", "user: mei2", 1), "belongs to no person"},
		"the approver is an operator now":   {grants("- {who: [mei, jun], roles: [operator], servers: ['*']}\n"), "no longer lets these people approve it: jun"},
		"the approver is gone":              {grants("- {who: [mei], roles: [operator], servers: ['*']}\n"), "jun"},
		"one approval more":                 {usual + "approvals: [{servers: ['*'], need: 2}]\n", "requires 2 approvals now, and the change has 1"},
		"no approval is needed any more":    {grants("- {who: [mei], roles: [operator], servers: ['*']}\n- {who: [jun], roles: [approver], servers: ['*']}\n"), ""},
		"the requester was renamed":         {strings.ReplaceAll(usual, "mei,", "wei,"), ""},
		"the two are one person now":        {strings.Replace(strings.Replace(usual, "  - {name: jun, accounts: [{door: slack, tenant: T1, user: jun}]}\n", "", 1), "user: mei}]}", "user: mei}, {door: slack, tenant: T1, user: jun}]}", 1) + "  - {who: [mei], roles: [approver], servers: ['*']}\n", "unknown"},
		"the two exchanged their accounts":  {strings.NewReplacer("user: mei", "user: jun", "user: jun", "user: mei").Replace(usual) + "  - {who: [jun], roles: [operator], servers: ['*']}\n  - {who: [mei], roles: [approver], servers: ['*']}\n", "jun"},
		"the approver has the account also": {strings.Replace(strings.Replace(usual, "  - {name: mei, accounts: [{door: slack, tenant: T1, user: mei}]}\n", "  - {name: mei, accounts: [{door: http, user: mei}]}\n", 1), "user: jun}]}", "user: jun}, {door: slack, tenant: T1, user: mei}]}", 1) + "  - {who: [jun], roles: [operator], servers: ['*']}\n", "jun"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRuled(t)
			id := r.asks("mei", 1, port1195())
			r.approves(id, "jun", port1195())
			r.text = tt.policy
			if name == "the two are one person now" {
				r.text = strings.ReplaceAll(strings.ReplaceAll(tt.policy, "[jun, lan]", "[lan]"), "unknown", "")
				tt.says = "jun"
			}
			if name == "the requester was renamed" {
				r.text = strings.ReplaceAll(strings.ReplaceAll(usual, "name: mei", "name: wei"), "[mei, lan]", "[wei, lan]")
			}
			r.work()
			if tt.says == "" {
				r.ends(id, change.Applied)
				return
			}
			rec := r.ends(id, change.Rejected)
			if rec.Error.Code != policy.RulePermissionWithdrawn || !strings.Contains(rec.Error.Message, tt.says) || rec.Error.Hint == "" || len(rec.Problems) != 1 {
				t.Errorf("it says %+v, want %q", rec.Error, tt.says)
			}
			if r.sent() != 0 || r.port() != 1194 || rec.Verified {
				t.Errorf("sent %d times, port %d", r.sent(), r.port())
			}
			r.queueEmpty()
		})
	}
}

// Of merged changes only those go that the policy permits now.
func TestAttackAWithdrawnChangeAmongOthers(t *testing.T) {
	t.Parallel()
	r := newRuled(t)
	mine, hers := r.asks("mei", 0, port1195()), r.asks("lan", 0, change.Patch{change.Cipher: change.Text("none")})
	r.text = strings.Replace(usual, "[mei, lan]", "[lan]", 1)
	r.work()
	r.ends(mine, change.Rejected)
	if rec := r.ends(hers, change.Applied); len(rec.MergedWith) != 0 || r.port() != 1194 || r.sent() != 1 {
		t.Errorf("merged with %q, port %d, sent %d times", rec.MergedWith, r.port(), r.sent())
	}
	if r.read != 1 {
		t.Errorf("the policy was read %d times", r.read)
	}
}

// While the policy cannot be used, nothing is sent and nothing is lost.
func TestAttackAPolicyThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*ruled){
		"invalid":  func(r *ruled) { r.text = "people: [\n" },
		"empty":    func(r *ruled) { r.text = "" },
		"not read": func(r *ruled) { r.err = errors.New("object store denies access") },
		"not written": func(r *ruled) {
			r.err = &policy.InvalidError{Problems: []change.Problem{{Rule: policy.RulePolicyMissing}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRuled(t)
			stays, gone := r.asks("mei", 0, port1195()), r.asks("mei", 0, change.Patch{change.Cipher: change.Text("none")})
			late := r.submit(func(c *change.Change) {
				c.Patch, c.Account = change.Patch{change.Compress: change.Flag(true)}, change.Account{Channel: "slack", Tenant: "T1", User: "mei"}
				c.ExpiresAt = r.Clock.Now().Add(time.Minute)
			})
			spoil(r)
			if rep := r.work(); rep.Standing != reconcile.Waits || rep.Why == "" || rep.Next.IsZero() || rep.Ended != 0 {
				t.Errorf("the drain reports %+v", rep)
			}
			_, pos, err := r.reconciler().Find(t.Context(), stays)
			if err != nil || pos.Status != change.Waiting || pos.Cause != reconcile.CausePolicy || pos.Why == "" {
				t.Errorf("it stands as %+v, %v", pos, err)
			}
			looks := len(r.VPC.Calls(readServer))
			r.work()
			if n := len(r.VPC.Calls(readServer)); n != looks {
				t.Errorf("the server was read %d times in vain", n-looks)
			}
			r.cancels(gone)
			r.work()
			r.ends(gone, change.Cancelled)
			r.Clock.Advance(2 * time.Minute)
			r.work()
			r.ends(late, change.Expired)
			r.pending(stays)
			if r.sent() != 0 {
				t.Errorf("sent %d times", r.sent())
			}
			r.text, r.err = usual, nil
			r.work()
			r.ends(stays, change.Applied)
			r.queueEmpty()
		})
	}
}

// The policy is read again after every wait under the lease.
func TestAttackPermissionWithdrawnWhileTheGatewayIsBusy(t *testing.T) {
	t.Parallel()
	for name, change1 := range map[string]func(*ruled){
		"no grants": func(r *ruled) { r.text = folk + "grants: []\n" },
		"invalid":   func(r *ruled) { r.text = "grants: 1" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRuled(t)
			id := r.asks("mei", 0, port1195())
			r.busyFor(time.Hour)
			r.work(afterCall(readGateway, 2, func() {
				change1(r)
				r.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
			}))
			if r.sent() != 0 || r.port() != 1194 {
				t.Errorf("sent %d times, port %d", r.sent(), r.port())
			}
			if name == "invalid" {
				r.pending(id)
				r.text = folk + "grants: []\n"
				r.work()
			}
			r.ends(id, change.Rejected)
			r.queueEmpty()
		})
	}
}

// What may have been sent is not sent again for somebody whom the policy refuses,
// and its outcome is determined first.
func TestAttackPermissionWithdrawnAfterASendWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		effect   bool // of the send
		restored bool // the policy permits it again soon
		status   change.Status
		sent     int
	}{
		"it had no effect":             {false, false, change.Rejected, 1},
		"it had its effect":            {true, false, change.Applied, 1},
		"it had no effect, and may go": {false, true, change.Applied, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRuled(t)
			r.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset, Commit: tt.effect})
			id := r.asks("mei", 0, port1195())
			r.work(afterCall(modify, 1, func() { r.text = folk + "grants: []\n" }))
			if !tt.effect {
				r.pending(id)
				for range 4 {
					r.OSS.Advance(time.Minute)
					if rep := r.work(); rep.Standing != reconcile.Waits || !strings.Contains(rep.Why, "not sent again") {
						t.Errorf("the drain reports %+v", rep)
					}
				}
				r.pending(id)
				if tt.restored {
					r.text = usual
				}
				r.OSS.Advance(3 * time.Minute)
				r.work()
			}
			r.ends(id, tt.status)
			if r.sent() != tt.sent {
				t.Errorf("sent %d times", r.sent())
			}
			r.queueEmpty()
		})
	}
}

// A policy that cannot be used delays a second send only.
func TestRecoveryWaitsForThePolicyBeforeItSendsAgain(t *testing.T) {
	t.Parallel()
	r := newRuled(t)
	r.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset})
	id := r.asks("mei", 0, port1195())
	r.work(afterCall(modify, 1, func() { r.err = errors.New("no answer") }))
	r.pending(id)
	if r.sent() != 1 {
		t.Errorf("sent %d times", r.sent())
	}
	r.Clock.Advance(time.Hour)
	r.work()
	r.pending(id)
	r.err = nil
	r.work()
	r.ends(id, change.Applied)
	r.oneToken(2)
}

// A modification that is not sent again, and that somebody else's may hide, does not
// end as if it had never been sent. An entry that cannot be read permits nothing.
func TestAttackAnotherModificationHidesTheOneThatMayHaveBeenSent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		unreadable bool // the entry, instead of a policy that refuses the change
		hidden     bool
		status     change.Status
		code       string
	}{
		"refused, and hidden":                {false, true, change.Failed, "OutcomeUnknown"},
		"unreadable, and hidden":             {true, true, change.Failed, "OutcomeUnknown"},
		"unreadable, and nothing took place": {true, false, change.Failed, "entry-unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRuled(t)
			r.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset, Commit: tt.hidden})
			id := r.asks("mei", 0, port1195())
			r.work(afterCall(modify, 1, func() {
				if !tt.unreadable {
					r.text = folk + "grants: []\n"
				} else if err := r.Store.Put(t.Context(), r.Keys(t.Context(), "queue/")[0], []byte("{")); err != nil {
					t.Error(err)
				}
				if err := r.VPC.UpdateServer(r.server.ServerID, func(s *vpc.Server) {
					if tt.hidden {
						s.Port = 2035
					}
				}); err != nil {
					t.Error(err)
				}
			}))
			for range 8 {
				r.OSS.Advance(time.Minute)
				r.work()
			}
			if rec := r.ends(id, tt.status); rec.Error.Code != tt.code || r.sent() != 1 {
				t.Errorf("sent %d times, recorded %+v", r.sent(), rec.Error)
			}
			r.queueEmpty()
		})
	}
}
