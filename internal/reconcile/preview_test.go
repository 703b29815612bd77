package reconcile_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

func TestAPreviewShowsEachChangeAfterThoseBeforeIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	request := func(edit func(*change.Request)) change.Request {
		r := change.Request{Target: h.server}
		edit(&r)
		return r
	}
	got, err := h.reconciler().Preview(t.Context(), []change.Request{
		request(func(r *change.Request) { r.Patch = change.Patch{change.Port: change.Number(1195)} }),
		request(func(r *change.Request) {
			r.Patch, r.Expect = change.Patch{change.Port: change.Number(1196)}, change.Patch{change.Port: change.Number(1195)}
		}),
		request(func(r *change.Request) {
			r.Patch, r.Expect = change.Patch{change.Port: change.Number(1197)}, change.Patch{change.Port: change.Number(1194)}
		}),
		request(func(r *change.Request) {
			r.DryRun, r.Patch = true, change.Patch{change.Compress: change.Flag(true)}
		}),
		request(func(r *change.Request) { r.Patch = change.Patch{change.Port: change.Number(1196)} }),
	})
	if err != nil || len(got) != 5 {
		t.Fatalf("%d previews, %v", len(got), err)
	}
	for i, want := range []struct {
		before, after int
		changed       int
		problem       string
	}{{1194, 1195, 1, ""}, {1195, 1196, 1, ""}, {1196, 1196, 0, "expect-mismatch"}, {1196, 1196, 1, ""}, {1196, 1196, 0, ""}} {
		p := got[i]
		if p.Index != i+1 || p.Before[change.Port] != change.Number(want.before) || p.After[change.Port] != change.Number(want.after) || len(p.Changed) != want.changed {
			t.Errorf("change %d: %+v", i+1, p)
		}
		if (len(p.Problems) == 0) != (want.problem == "") || (want.problem != "" && p.Problems[0].Rule != want.problem) {
			t.Errorf("change %d has the problems %+v, want %q", i+1, p.Problems, want.problem)
		}
	}
	if h.sent() != 0 || len(h.Keys(t.Context(), "")) != 0 || len(h.VPC.Calls(readServer)) != 1 {
		t.Errorf("it sent %d modifications, looked %d times and left %q", h.sent(), len(h.VPC.Calls(readServer)), h.Keys(t.Context(), ""))
	}
}

// A server that cannot be read is a problem of its changes, with a hint.
func TestAPreviewOfAServerThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault vpc.Fault
		rule  string
	}{
		"it is not permitted":      {vpc.Fault{Kind: vpc.FaultError, Status: 403, Code: "Forbidden"}, "server-not-readable"},
		"there is none":            {vpc.Fault{Kind: vpc.FaultError, Status: 404, Code: "InvalidSslVpnServerId.NotFound", Message: "There is none."}, "InvalidSslVpnServerId.NotFound"},
		"the API wants fewer":      {vpc.Fault{Kind: vpc.FaultThrottle, Times: -1}, "api-throttle"},
		"the API is down":          {vpc.Fault{Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable", Times: -1}, "api-breaker"},
		"it does not take a token": {vpc.Fault{Kind: vpc.FaultExpiredToken, Times: -1}, "api-credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.fault.Action = readServer
			h.fault(tt.fault)
			got, err := h.reconciler().Preview(t.Context(), []change.Request{{Target: h.server, Patch: change.Patch{change.Port: change.Number(1195)}}})
			if err != nil || len(got) != 1 {
				t.Fatalf("%+v, %v", got, err)
			}
			p := got[0]
			if len(p.Problems) != 1 || p.Problems[0].Rule != tt.rule || p.Problems[0].Hint == "" || p.Problems[0].Message == "" {
				t.Errorf("the problems are %+v, want %s", p.Problems, tt.rule)
			}
			if p.Changed == nil || len(p.Changed) != 0 || len(p.After) != 0 {
				t.Errorf("changed %+v, after %v", p.Changed, p.After)
			}
		})
	}
}
