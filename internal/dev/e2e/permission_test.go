package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// noGrants is the policy of the local cloud with grants: [].
func noGrants() string {
	people, _, _ := strings.Cut(string(localcloud.Policy()), "grants:")
	return people + "grants: []\n"
}

// A policy with grants: [] stops what is queued; one that is broken, empty or
// missing makes it wait.
func TestAttackThePolicyIsEvaluatedWhenAChangeIsApplied(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"no grants": noGrants(), "broken": "grants: 1\n", "empty": "", "missing": "(none)"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t, func(o *localcloud.Options) {
				o.Policy, o.Env = withRooms(), []string{"WAIT_BUDGET=0s"}
			})
			gateway := func(status string) {
				t.Helper()
				if err := h.VPC().UpdateGateway(gatewayID, func(g *vpc.Gateway) { g.Status = status }); err != nil {
					t.Fatal(err)
				}
			}
			gateway("updating")
			h.drop(t, "changes/port.yaml", portChange(1195))
			h.quiet(t)
			if status, why := h.standing(t); status != "waiting" {
				t.Fatalf("the change is %s: %s", status, why)
			}
			if name == "missing" {
				if err := os.Remove(filepath.Join(h.BucketDir(), filepath.FromSlash(objects.PolicyFile))); err != nil {
					t.Fatal(err)
				}
			} else {
				h.drop(t, objects.PolicyFile, text)
			}
			gateway("")
			h.sweep(t)
			if n := len(h.VPC().Calls(vpc.ModifySslVpnServer)); n != 0 {
				t.Fatalf("%d modifications were sent", n)
			}
			records, err := h.records()
			if name == "no grants" {
				if err != nil || len(records) != 1 || records[0].Status != change.Rejected || records[0].Error.Code != policy.RulePermissionWithdrawn {
					t.Fatalf("recorded %+v, %v", records, err)
				}
				return
			}
			if err != nil || len(records) != 0 {
				t.Fatalf("recorded %+v, %v", records, err)
			}
			h.says(t, "policy cannot be used, nothing is sent")
			h.drop(t, objects.PolicyFile, string(withRooms()))
			eventually(t, "the change is applied", func() bool {
				h.sweep(t)
				return len(h.keys("results/")) == 1
			})
			once(1195, 1).settles(t, h)
		})
	}
}

// Without a policy, and without the setting, nothing is accepted, and the answer
// says what to do.
func TestAttackWithoutAPolicyNothingIsAccepted(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *localcloud.Options) { o.Env = []string{"NO_POLICY="} })
	a := h.gets(t, "POST", "/v1/changes", "msg_none", portChange(1195))
	a.isProblem(t, http.StatusServiceUnavailable, "policy")
	if !strings.Contains(a.body, "NO_POLICY=allow") || !strings.Contains(a.body, objects.PolicyFile) {
		t.Errorf("it does not say what to do: %s", a.body)
	}
	h.drop(t, "changes/port.yaml", portChange(1195))
	h.quiet(t)
	h.says(t, "NO_POLICY=allow")
	if keys := append(h.keys("queue/"), h.keys("receipts/")...); len(keys) != 0 || len(h.VPC().Calls(vpc.ModifySslVpnServer)) != 0 {
		t.Errorf("stored %q", keys)
	}
}
