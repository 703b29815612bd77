package executor_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const rules = `
people:
  - {name: mei, accounts: [{door: slack, tenant: T1, user: mei}, {door: dingtalk, tenant: ding1, user: mei}]}
  - {name: jun, accounts: [{door: slack, tenant: T1, user: jun}]}
  - {name: lan, accounts: [{door: slack, tenant: T1, user: lan}]}
  - {name: boss, accounts: [{door: slack, tenant: T1, user: boss}]}
  - {name: eve, accounts: [{door: slack, tenant: T1, user: eve}]}
servers:
  - {name: test, RegionId: cn-hangzhou, SslVpnServerId: vss-test}
  - {name: office, RegionId: cn-hangzhou, SslVpnServerId: vss-office}
grants:
  - {who: [mei], roles: [operator], servers: ["*"]}
  - {who: [jun, lan], roles: [approver, operator], servers: ["*"]}
  - {who: [boss], roles: [admin], servers: ["*"]}
  - {who: [eve], roles: [viewer], servers: [test]}
approvals:
  - {servers: [office], settings: ["*"], need: 1}
  - {servers: [office], settings: [Proto], need: 2}
`

// harness is an emulated account with two servers, one of which needs approval,
// and people who send commands.
type harness struct {
	*cloudtest.Cloud

	t            *testing.T
	test, office change.Target
	messages     int
	policy       string
	log          *slog.Logger // nil: the test's
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	c := cloudtest.New(t)
	return &harness{Cloud: c, t: t, test: c.Server("vss-test"), office: c.Server("vss-office"), policy: rules}
}

func (r *harness) services() (*executor.Executor, *reconcile.Reconciler) {
	d := r.Deps(r.t, "invocation")
	if r.log != nil {
		d.Log = r.log
	}
	permitted := func(context.Context) (*policy.Policy, error) {
		if r.policy == "" {
			return policy.Absent(), nil
		}
		p, problems := policy.Parse([]byte(r.policy), document.YAML)
		if len(problems) > 0 {
			return nil, &policy.InvalidError{Problems: problems}
		}
		return p, nil
	}
	in := intake.New(intake.Deps{
		Bucket: r.Store, BucketName: cloudtest.Bucket, Records: d.Records, Policy: permitted, Owner: "invocation", Now: d.Now, Log: d.Log,
	})
	d.Permissions = func(ctx context.Context) (reconcile.Permissions, error) { return permitted(ctx) }
	rec := reconcile.New(d, cloudtest.Policy())
	return executor.New(executor.Deps{
		Intake: in, Reconciler: rec, Records: d.Records, Index: index.New(d.Bucket, d.Log), Policy: permitted, Region: cloudtest.Region, Now: d.Now, Log: d.Log,
	}), rec
}

// from is a Slack message from a person.
func (r *harness) from(who string) executor.Requester {
	r.messages++
	return r.message(who, fmt.Sprintf("m%d", r.messages))
}

func (r *harness) message(who, id string) executor.Requester {
	channel, tenant := "slack", "T1"
	if rest, ok := strings.CutPrefix(who, "dingtalk:"); ok {
		channel, tenant, who = "dingtalk", "ding1", rest
	}
	return executor.Requester{
		Account: policy.Account{Channel: channel, Tenant: tenant, User: who},
		Message: intake.Message{Identity: change.ChatIdentity(channel, tenant, id), Content: []byte(who)},
		Origin:  change.Origin{Kind: change.FromChat, Actor: channel + ":" + tenant + "/" + who, Source: "message " + id},
	}
}

func (r *harness) do(a executor.Requester, line string) executor.Answer {
	r.t.Helper()
	cmd, err := command.Parse(line)
	if err != nil {
		r.t.Fatalf("%s: %v", line, err)
	}
	d, _ := r.services()
	ans, _, err := d.Do(r.t.Context(), a, cmd)
	if err != nil {
		r.t.Fatalf("%s: %v", line, err)
	}
	d.Intake.Wake(r.t.Context(), ans.Lanes) // as the caller does
	return ans
}

// says sends a command.
func (r *harness) says(who, line string) executor.Answer {
	r.t.Helper()
	return r.do(r.from(who), line)
}

// accepted sends a command that must be accepted.
func (r *harness) accepted(who, line string) executor.Answer {
	r.t.Helper()
	ans := r.says(who, line)
	if ans.Outcome != executor.Accepted {
		r.t.Fatalf("%s: %s is %s: %v", who, line, ans.Outcome, ans.Problems)
	}
	return ans
}

// refused sends a command that must be refused by a rule.
func (r *harness) refused(who, line string, kind executor.Refusal, rule string) executor.Answer {
	r.t.Helper()
	ans := r.says(who, line)
	if ans.Outcome != executor.Refused || ans.Refusal != kind || len(ans.Problems) == 0 || ans.Problems[0].Rule != rule || ans.Problems[0].Hint == "" {
		r.t.Fatalf("%s: %s is %s (%s): %v; want %s by %s", who, line, ans.Outcome, ans.Refusal, ans.Problems, kind, rule)
	}
	return ans
}

func (r *harness) drain(t change.Target) reconcile.Report {
	r.t.Helper()
	_, rec := r.services()
	rep, err := rec.Drain(r.t.Context(), t)
	if err != nil {
		r.t.Fatal(err)
	}
	return rep
}

func (r *harness) ended(id string, want change.Status) record.Record {
	r.t.Helper()
	rec, err := record.NewRecords(r.Store).Read(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	if rec.Status != want {
		r.t.Fatalf("%s ended as %s, want %s: %+v", id, rec.Status, want, rec.Error)
	}
	return rec
}

func (r *harness) port(t change.Target) int {
	s, _ := r.VPC.Server(t.ServerID)
	return s.Port
}

func (r *harness) count(prefix string, want int) {
	r.t.Helper()
	if keys := r.Keys(r.t.Context(), prefix); len(keys) != want {
		r.t.Errorf("%d objects below %s, want %d: %q", len(keys), prefix, want, keys)
	}
}

// down makes the API unavailable.
func (r *harness) down() {
	r.t.Helper()
	if err := r.VPC.Inject(vpc.Fault{Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable", Times: -1}); err != nil {
		r.t.Fatal(err)
	}
}

// filled is a line with the ids and the code that it names.
func filled(line, ended, queued, requested, code string) string {
	return strings.NewReplacer("$ENDED", ended, "$QUEUED", queued, "$ASKED", requested, "$CODE", code).Replace(line)
}
