package intake_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const folk = `
people:
- {name: mei, accounts: [{door: http, user: chat-bot}, {door: file, user: "200000000000000002"}]}
- {name: jun, accounts: [{door: http, user: other}]}
grants: [{who: ["*"], roles: [admin], servers: ["*"]}]
`

// ruled gives an intake with a policy.
func (d *harness) ruled(text string) *intake.Intake {
	d.t.Helper()
	return d.under(folk + text)
}

// under gives an intake with a whole policy.
func (d *harness) under(text string) *intake.Intake {
	d.t.Helper()
	p, problems := policy.Parse([]byte(text), document.YAML)
	if len(problems) > 0 {
		d.t.Fatal(problems)
	}
	return intake.New(intake.Deps{
		Bucket: d.Store, BucketName: cloudtest.Bucket, Records: record.NewRecords(d.Store),
		Policy: func(context.Context) (*policy.Policy, error) { return p, nil },
		Owner:  "request-1", Now: d.Clock.Now, Log: cloudtest.Log(d.t),
	})
}

const confirms = "confirmations: [{servers: ['*'], settings: [Port], for: 20m, proof: true}]\n"

// Documents are confirmed as they say, or else as the policy says when they are
// accepted, and a redelivery keeps the decision.
func TestThePolicyAsksDocumentsForAConfirmation(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		document string
		want     change.Confirmation
	}{
		"nothing said":    {setPort("one", "1195"), change.Confirmation{For: 20 * time.Minute, Proof: true}},
		"its own":         {setPort("one", "1195", "confirm: 1h"), change.Confirmation{For: time.Hour}},
		"a dry run":       {setPort("one", "1195", "dryRun: true"), change.Confirmation{}},
		"with a token":    {setPort("one", "1195", "ClientToken: t"), change.Confirmation{For: 20 * time.Minute, Proof: true}},
		"another setting": {"RegionId: cn-hangzhou\nSslVpnServerId: vss-one\nName: office\n", change.Confirmation{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			p := delivery("msg_1", tt.document)
			if _, err := d.ruled(confirms).Post(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			e := d.entries()[0]
			if e.Confirm != tt.want {
				t.Errorf("queued to be confirmed as %q, want %q", e.Confirm, tt.want)
			}
			d.lose(e.ID)
			if _, err := d.ruled("").Post(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if again := d.entries()[0]; again.Confirm != tt.want || again.Key != e.Key {
				t.Errorf("queued again to be confirmed as %q, want %q", again.Confirm, tt.want)
			}
		})
	}
}

// A token stands for what its sender asked for: a policy that asks for a confirmation
// meanwhile makes it no other change.
func TestATokenIsUsedAgainAfterThePolicyChanged(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	text := setPort("one", "1195", "ClientToken: mine")
	for i, rules := range []string{"", confirms} {
		if _, err := d.ruled(rules).Post(t.Context(), delivery("msg_"+string(rune('1'+i)), text)); err != nil {
			t.Fatal(err)
		}
	}
	if e := d.entries(); len(e) != 1 || !e[0].Confirm.IsZero() {
		t.Errorf("queued are %+v", e)
	}
}

func TestAFileIsConfirmedAsThePolicySays(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	u := d.upload("changes/a.yaml", setPort("one", "1195"))
	if res, err := d.ruled(confirms).File(t.Context(), u); err != nil || res.Status != intake.FileAccepted {
		t.Fatalf("%+v, %v", res, err)
	}
	if e := d.entries()[0]; e.Confirm != (change.Confirmation{For: 20 * time.Minute, Proof: true}) {
		t.Errorf("queued to be confirmed as %q", e.Confirm)
	}
}

// Nobody counts the clients when a document is accepted: it needs one approval more
// wherever a guard may ask for it.
func TestDocumentsNeedTheApprovalOfAGuard(t *testing.T) {
	t.Parallel()
	const guard = "guards: [{servers: ['*'], settings: [Port], maxConnected: 20, otherwise: approval}]\n"
	for text, want := range map[string]int{
		setPort("one", "1195"):                                           1,
		setPort("one", "1195", "when: idle(21)"):                         0,
		setPort("one", "1195", "when: idle(22)"):                         1,
		setPort("one", "1195", "dryRun: true"):                           0,
		"RegionId: cn-hangzhou\nSslVpnServerId: vss-one\nName: office\n": 0,
	} {
		d := newHarness(t)
		if _, err := d.ruled(guard).Post(t.Context(), delivery("msg_1", text)); err != nil {
			t.Fatal(err)
		}
		if e := d.entries()[0]; e.Approvals != want {
			t.Errorf("%s\nneeds %d approvals, want %d", text, e.Approvals, want)
		}
	}
}

// A tick whose first delivery queued a change is not rejected when it is delivered again
// and the policy has changed: the change may have been sent, and a record that it was
// rejected would be wrong. The policy is asked again before changes are sent.
func TestATickThatWasQueuedIsNotRejectedAfterThePolicyChanged(t *testing.T) {
	t.Parallel()
	policies := map[string]func(*harness) *intake.Intake{
		"denies it":  func(d *harness) *intake.Intake { return d.ruled("") },
		"is invalid": (*harness).withoutPolicy,
	}
	for name, second := range policies {
		for text, faults := range map[string]int{setPort("one", "1195"): 0, threeChanges: 1} {
			t.Run(fmt.Sprintf("%s, %d before the fault", name, faults), func(t *testing.T) {
				t.Parallel()
				d := newHarness(t)
				d.put("scheduled/night.yaml", text)
				tk := d.night()
				tk.Document = "scheduled/night.yaml"
				if res, err := second(d).Tick(t.Context(), intake.Tick{Name: "other", Time: tk.Time, Inline: []byte(text)}); err != nil || res.Rejected == "" {
					t.Fatalf("the first delivery of another tick: %+v, %v", res, err)
				}
				if faults > 0 {
					d.fault(oss.Fault{Kind: oss.ServiceUnavailable, KeyPrefix: "queue/", Op: "PutObject", Skip: faults, Times: -1})
				}
				// The invocation dies after it, or the second entry is not stored.
				if res, err := d.intake().Tick(t.Context(), tk); errors.Is(err, blob.ErrUnavailable) != (faults > 0) {
					t.Fatalf("%+v, %v", res, err)
				}
				d.OSS.ClearFaults()
				for range 2 {
					res, err := second(d).Tick(t.Context(), tk)
					if err != nil || res.Rejected != "" {
						t.Fatalf("%+v, %v", res, err)
					}
					d.queued(ids(res.Changes)...)
				}
				if got := d.Keys(t.Context(), "results/"); len(got) != 1 { // of the other tick
					t.Errorf("the records are %q", got)
				}
			})
		}
	}
}

// withoutPolicy gives an intake whose policy is invalid.
func (d *harness) withoutPolicy() *intake.Intake {
	return intake.New(intake.Deps{
		Bucket: d.Store, BucketName: cloudtest.Bucket, Records: record.NewRecords(d.Store),
		Policy: func(context.Context) (*policy.Policy, error) {
			return nil, &policy.InvalidError{Problems: []change.Problem{{Rule: "yaml-syntax", Message: "bad"}}}
		},
		Owner: "request-1", Now: d.Clock.Now, Log: cloudtest.Log(d.t),
	})
}
