package intake_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// frozen is a policy with a freeze that is in force, and ends at a time.
func frozen(d *harness, override string) (text string, ends time.Time) {
	const form = "2006-01-02T15:04"
	now := d.Clock.Now().UTC()
	ends = now.Add(3 * time.Hour).Truncate(time.Minute)
	return fmt.Sprintf("freezes: [{name: double-eleven, servers: ['*'], timeZone: UTC, from: %s, until: %s, reason: 双十一%s}]\n",
		now.Add(-time.Hour).Format(form), ends.Format(form), override), ends
}

// A change without an expiry expires a day after it may be sent first. A redelivery gets
// the same answer and the same expiry, although the freeze is over by then or gone.
func TestADocumentWaitsForAnOpening(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]string{
		"plain":        setPort("one", "1195"),
		"with a token": setPort("one", "1195", "ClientToken: t"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			text, ends := frozen(d, "")
			p := delivery("msg_1", document)
			first, err := d.ruled(text).Post(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			w := first.Window(0)
			if w == nil || w.Open || !w.OpensAt.Equal(ends) || w.Freeze != "double-eleven" || w.Reason != "双十一" {
				t.Errorf("the answer says %+v", w)
			}
			e := d.entries()[0]
			if !e.ExpiresAt.Equal(ends.Add(change.DefaultLifetime)) {
				t.Errorf("it expires at %s, the freeze ends at %s", e.ExpiresAt, ends)
			}
			d.lose(e.ID)
			again, err := d.ruled("").Post(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if w := again.Window(0); w == nil || !w.OpensAt.Equal(ends) || w.Freeze != "double-eleven" {
				t.Errorf("the second answer says %+v", w)
			}
			if back := d.entries()[0]; back.Key != e.Key || !back.ExpiresAt.Equal(e.ExpiresAt) {
				t.Errorf("queued again: %s, expires at %s", back.Key, back.ExpiresAt)
			}
		})
	}
}

func TestDocumentsThatNoOpeningCanServe(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	plain, ends := frozen(d, "")
	permitted, _ := frozen(d, ", override: {need: 1}")
	until := func(at time.Time) string { return "expiresAt: " + at.Format(time.RFC3339) }
	for name, tt := range map[string]struct {
		policy, document string
		rule             string // "": it is accepted
		approvals        int
	}{
		"it expires at the end":        {plain, setPort("one", "1195", until(ends)), policy.RuleExpiresBeforeOpening, 0},
		"it expires later":             {plain, setPort("one", "1195", until(ends.Add(time.Hour))), "", 0},
		"a dry run":                    {plain, setPort("one", "1195", "dryRun: true", until(ends)), "", 0},
		"an override":                  {permitted, setPort("one", "1195", "override: double-eleven", "reason: it is blocked"), "", 1},
		"an override that nobody may":  {plain, setPort("one", "1195", "override: double-eleven", "reason: it is blocked"), policy.RuleOverrideNotAllowed, 0},
		"an override of nothing":       {permitted, setPort("one", "1195", "override: triple", "reason: it is blocked"), policy.RuleOverrideUnknown, 0},
		"an override without a reason": {permitted, setPort("one", "1195", "override: double-eleven"), change.RuleOverrideReason, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			out, err := d.ruled(tt.policy).Post(t.Context(), delivery("msg_1", tt.document))
			var no *intake.RefusedError
			switch {
			case tt.rule == "" && err != nil:
				t.Fatal(err)
			case tt.rule == "":
				if c := out.Changes[0]; c.Approvals != tt.approvals {
					t.Errorf("%d approvals needed", c.Approvals)
				}
			case !errors.As(err, &no) || len(no.Problems) != 1 || no.Problems[0].Rule != tt.rule || no.Problems[0].Hint == "":
				t.Errorf("refused by %v, want %s", err, tt.rule)
			case len(d.entries()) > 0:
				t.Error("it was queued")
			}
		})
	}
}
