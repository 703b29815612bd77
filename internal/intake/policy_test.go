package intake_test

import (
	"context"
	"testing"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/cloudtest"
	"sslvpnchange/internal/document"
	"sslvpnchange/internal/intake"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/record"
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
	p, problems := policy.Parse([]byte(folk+text), document.YAML)
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
