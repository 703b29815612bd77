package intake_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

const robots = `people:
- {name: robot, assistant: true, accounts: [{door: http, user: chat-bot}, {door: file, user: "200000000000000002"}, {door: timer, user: night}]}
`

// byRobot gives an intake whose policy has an assistant.
func (d *harness) byRobot(text string) *intake.Intake {
	d.t.Helper()
	all := strings.Replace(folk+text, "people:\n- {name: mei, accounts: [{door: http, user: chat-bot}, {door: file, user: \"200000000000000002\"}]}\n", robots, 1)
	return d.under(strings.Replace(all, "roles: [admin]", "roles: [operator, approver]", 1))
}

// The document of an assistant needs an approval, by whatever door it comes, and the
// entry says who asked.
func TestADocumentOfAnAssistantNeedsAnApproval(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(d *harness, in *intake.Intake) error{
		"HTTP": func(d *harness, in *intake.Intake) error {
			_, err := in.Post(d.t.Context(), delivery("msg_1", setPort("one", "1195")))
			return err
		},
		"HTTP with a token": func(d *harness, in *intake.Intake) error {
			_, err := in.Post(d.t.Context(), delivery("msg_1", setPort("one", "1195", "ClientToken: t")))
			return err
		},
		"file": func(d *harness, in *intake.Intake) error {
			_, err := in.File(d.t.Context(), d.upload("changes/a.yaml", setPort("one", "1195")))
			return err
		},
		"timer": func(d *harness, in *intake.Intake) error {
			tick := d.night()
			tick.Inline = []byte(setPort("one", "1195"))
			_, err := in.Tick(d.t.Context(), tick)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			for range 2 { // a redelivery keeps the decision
				if err := send(d, d.byRobot("")); err != nil {
					t.Fatal(err)
				}
			}
			for _, e := range d.entries() {
				if e.Approvals != 1 || !e.Origin.Assistant || e.Origin.Person != "robot" {
					t.Errorf("it needs %d approvals, from %+v", e.Approvals, e.Origin)
				}
			}
			if len(d.entries()) == 0 {
				t.Error("nothing is queued")
			}
		})
	}
}

func TestADryRunOfAnAssistantNeedsNoApproval(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	if _, err := d.byRobot("").Post(t.Context(), delivery("msg_1", setPort("one", "1195", "dryRun: true"))); err != nil {
		t.Fatal(err)
	}
	if e := d.entries()[0]; e.Approvals != 0 {
		t.Errorf("it needs %d approvals", e.Approvals)
	}
}

func TestADocumentOfAnAssistantOverridesNoFreeze(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	freeze := "freezes: [{name: frozen, servers: ['*'], timeZone: UTC, from: 2026-01-01T00:00, until: 2027-12-31T00:00, override: {need: 1}}]\n"
	_, err := d.byRobot(freeze).Post(t.Context(), delivery("msg_1", setPort("one", "1195", "override: frozen", "reason: urgent")))
	no, ok := errors.AsType[*intake.RefusedError](err)
	if !ok || !no.Forbidden || len(no.Problems) != 1 || no.Problems[0].Rule != policy.RuleNotPermitted || !strings.HasSuffix(no.Problems[0].Path, "override") {
		t.Errorf("it is refused with %+v", no)
	}
	d.nothing("queue/")
}
