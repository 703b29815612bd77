package reconcile_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// plan previews one change of the server.
func (h *harness) plan(p change.Patch, edit ...func(*reconcile.Deps, *reconcile.Policy)) reconcile.Preview {
	h.t.Helper()
	got, err := h.reconciler(edit...).Preview(h.t.Context(), []change.Request{{Target: h.server, Patch: p}})
	if err != nil || len(got) != 1 {
		h.t.Fatalf("%d previews, %v", len(got), err)
	}
	return got[0]
}

// people connects clients, each with a certificate of its own.
func (h *harness) people(n int) {
	h.t.Helper()
	c := vpc.Clients{ServerID: h.server.ServerID}
	for i := range n {
		id := "vsc-client" + string(rune('a'+i)) + "1"
		c.Clients = append(c.Clients, vpc.Client{Certificate: id, User: "mei"})
		if err := h.VPC.AddCertificate(vpc.Certificate{ID: id, ServerID: h.server.ServerID, Name: "laptop " + id, Key: "secretkey"}); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := h.VPC.SetClients(c); err != nil {
		h.t.Fatal(err)
	}
}

// actions are the actions of all calls, sorted.
func (h *harness) actions() []string {
	var out []string
	for _, c := range h.VPC.Calls("") {
		out = append(out, c.Action)
	}
	slices.Sort(out)
	return out
}

func TestAPlanSaysWhoIsConnected(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(3)
	got := h.plan(change.Patch{change.Port: change.Number(1195)}).Impact
	if got == nil || got.Class != impact.NewFile || *got.Connected != 3 || got.MaxConnections != 5 || len(got.Unknown) != 0 || len(got.Findings) != 0 {
		t.Fatalf("impact = %+v", got)
	}
	if !slices.Equal(got.IDs(), []string{"vsc-clienta1", "vsc-clientb1", "vsc-clientc1"}) || got.Certificates[0].Name != "laptop vsc-clienta1" {
		t.Errorf("certificates = %+v", got.Certificates)
	}
	if !slices.Equal(got.Ahead, []string{"remote 203.0.113.10 1194 udp", "remote 203.0.113.10 1195 udp"}) {
		t.Errorf("lines that work before and after = %q", got.Ahead)
	}
}

// TestWhatAPlanCosts: at most two calls more than the read of the server.
func TestWhatAPlanCosts(t *testing.T) {
	t.Parallel()
	const gateway, certs, network = "DescribeVpnGateway", "DescribeSslVpnClientCerts", "DescribeVpcAttribute"
	pool := change.Text("10.99.0.0/24")
	tests := map[string]struct {
		patch change.Patch
		want  []string // more than the read of the server
	}{
		"the name":            {change.Patch{change.Name: change.Text("lab")}, nil},
		"the port":            {change.Patch{change.Port: change.Number(1195)}, []string{certs, gateway}},
		"the cipher":          {change.Patch{change.Cipher: change.Text("AES-256-CBC")}, []string{certs, gateway}},
		"the pool":            {change.Patch{change.ClientIPPool: pool}, []string{network, gateway}},
		"the subnets":         {change.Patch{change.LocalSubnet: change.Text("10.77.0.0/16")}, []string{gateway}},
		"the pool and more":   {change.Patch{change.ClientIPPool: pool, change.Port: change.Number(1195)}, []string{certs, gateway}},
		"nothing":             {nil, nil},
		"what is set already": {change.Patch{change.LocalSubnet: change.Text("10.20.20.0/24")}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			got := h.plan(tt.patch)
			want := append([]string{readServer}, tt.want...)
			slices.Sort(want)
			if actions := h.actions(); !slices.Equal(actions, want) {
				t.Errorf("calls %q, want %q", actions, want)
			}
			if (got.Impact != nil) != (len(got.Changed) > 0) {
				t.Errorf("impact = %+v", got.Impact)
			}
			for _, u := range unknown(got) {
				if u != (impact.Unknown{What: impact.WhatVPC, Why: impact.NotRead}) || name != "the pool and more" {
					t.Errorf("unknown: %+v", u)
				}
			}
		})
	}
}

func unknown(p reconcile.Preview) []impact.Unknown {
	if p.Impact == nil {
		return nil
	}
	return p.Impact.Unknown
}

// TestADocumentIsSurveyedOnceForEachServer: two changes of a server cost the calls of
// one, and each has the impact of its own difference.
func TestADocumentIsSurveyedOnceForEachServer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	other := h.Server("vss-other")
	got, err := h.reconciler().Preview(t.Context(), []change.Request{
		{Target: h.server, Patch: change.Patch{change.Port: change.Number(1195)}},
		{Target: other, Patch: change.Patch{change.Name: change.Text("lab")}},
		{Target: h.server, Patch: change.Patch{change.LocalSubnet: change.Text("10.77.0.0/16")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []impact.Class{impact.NewFile, impact.None, impact.Reconnects} {
		if got[i].Impact.Class != want {
			t.Errorf("change %d: %+v, want %s", i+1, got[i].Impact, want)
		}
	}
	if calls := h.actions(); len(calls) != 4 {
		t.Errorf("calls %q", calls)
	}
}

func TestWhatAPlanFindsBeforehand(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	gateway := "vpn-of-" + h.server.ServerID
	if err := h.VPC.AddVPC(vpc.VPC{RegionID: h.server.RegionID, ID: "vpc-" + gateway, CIDR: "192.168.0.0/16", SecondaryCIDRs: []string{"10.99.0.0/16"}}); err != nil {
		t.Fatal(err)
	}
	if err := h.VPC.UpdateGateway(gateway, func(g *vpc.Gateway) {
		g.SSLDisabled, g.CreatedAt = true, time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
	}); err != nil {
		t.Fatal(err)
	}
	for want, p := range map[string]change.Patch{
		"ssl-not-enabled": {change.Port: change.Number(1195)},
		"ssl-not-enabled pool-overlaps-vpc": {
			change.ClientIPPool: change.Text("10.99.7.0/24"),
		},
		"ssl-not-enabled mfa-not-possible": {
			change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-1"), change.IDaaSRegionID: change.Text("cn-hangzhou"),
		},
	} {
		var rules []string
		got := h.plan(p)
		for _, f := range got.Impact.Findings {
			rules = append(rules, f.Rule)
		}
		if strings.Join(rules, " ") != want || len(got.Problems) != 0 {
			t.Errorf("%v: findings %q, problems %v, want %q", p, rules, got.Problems, want)
		}
	}
}

// TestWhatMayNotBeReadIsNotKnown: every read that a plan makes beside the server's is
// optional.
func TestWhatMayNotBeReadIsNotKnown(t *testing.T) {
	t.Parallel()
	port := change.Patch{change.Port: change.Number(1195)}
	pool := change.Patch{change.ClientIPPool: change.Text("10.99.0.0/24")}
	for name, tt := range map[string]struct {
		action string
		patch  change.Patch
		want   []impact.What
	}{
		"certificates":        {vpc.DescribeSslVpnClientCerts, port, []impact.What{impact.WhatCertificates}},
		"the gateway":         {vpc.DescribeVpnGateway, port, []impact.What{impact.WhatGateway}},
		"the gateway's VPC":   {vpc.DescribeVpnGateway, pool, []impact.What{impact.WhatGateway, impact.WhatVPC}},
		"the VPC":             {vpc.DescribeVpcAttribute, pool, []impact.What{impact.WhatVPC}},
		"what is not needed":  {vpc.DescribeSslVpnClientCerts, pool, nil},
		"what is never asked": {vpc.DescribeSslVpnClientCert, port, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for why, kind := range map[impact.Why]func(*harness){
				impact.NotPermitted: func(h *harness) { h.VPC.Deny(tt.action) },
				impact.Failed:       func(h *harness) { h.fault(vpc.Fault{Action: tt.action, Kind: vpc.FaultHTML, Times: -1}) },
			} {
				h := newHarness(t)
				kind(h)
				got := h.plan(tt.patch)
				var what []impact.What
				for _, u := range got.Impact.Unknown {
					what = append(what, u.What)
					if u.Why != why || u.Action != "vpc:"+tt.action {
						t.Errorf("%s: unknown %+v", why, u)
					}
				}
				if !slices.Equal(what, tt.want) || len(got.Problems) != 0 || len(got.Changed) == 0 {
					t.Errorf("%s: %v is not known, want %v; problems %v", why, what, tt.want, got.Problems)
				}
			}
		})
	}
}

// TestAPlanDoesNotWaitForWhatInformsPeople: a platform waits for 2 to 5 s.
func TestAPlanDoesNotWaitForWhatInformsPeople(t *testing.T) {
	t.Parallel()
	for _, action := range []string{vpc.DescribeSslVpnClientCerts, vpc.DescribeVpnGateway} {
		h := newHarness(t)
		h.fault(vpc.Fault{Action: action, Kind: vpc.FaultHang, Times: -1})
		ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
		defer cancel()
		got, err := h.reconciler().Preview(ctx, []change.Request{{Target: h.server, Patch: change.Patch{change.Port: change.Number(1195)}}})
		if err != nil {
			t.Fatal(err)
		}
		p := got[0]
		if len(p.Problems) != 0 || len(p.Changed) != 1 || len(p.Impact.Unknown) != 1 || p.Impact.Unknown[0].Why != impact.TooLate || *p.Impact.Connected != 0 {
			t.Errorf("%s: %+v, impact %+v", action, p, p.Impact)
		}
	}
}

func TestTheSecondOpinionOfTheAPI(t *testing.T) {
	t.Parallel()
	on := func(_ *reconcile.Deps, p *reconcile.Policy) { p.PlanDryRun = true }
	port := change.Patch{change.Port: change.Number(1195)}
	t.Run("it is off", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		if h.plan(port); h.sent() != 0 {
			t.Errorf("%d calls of ModifySslVpnServer", h.sent())
		}
	})
	t.Run("it agrees", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		got := h.plan(port, on)
		if h.sent() != 1 || h.port() != 1194 || len(got.Impact.Findings)+len(got.Impact.Unknown) != 0 {
			t.Errorf("%d calls, port %d, impact %+v", h.sent(), h.port(), got.Impact)
		}
	})
	t.Run("it refuses", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.fault(vpc.Fault{Action: vpc.ModifySslVpnServer, Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.Port", Message: "The specified \"Port\" is invalid."})
		got := h.plan(port, on)
		if f := got.Impact.Findings; len(f) != 1 || f[0].Rule != "IllegalParam.Port" || f[0].Path != "Port" || f[0].Hint == "" || len(got.Problems) != 0 {
			t.Errorf("impact %+v, problems %v", got.Impact, got.Problems)
		}
	})
	t.Run("it cannot say", func(t *testing.T) {
		t.Parallel()
		for kind, want := range map[vpc.FaultKind]impact.Why{vpc.FaultReset: impact.Failed, vpc.FaultThrottle: impact.Failed} {
			h := newHarness(t)
			h.fault(vpc.Fault{Action: vpc.ModifySslVpnServer, Kind: kind})
			got := h.plan(port, on)
			if u := got.Impact.Unknown; len(u) != 1 || u[0].What != impact.WhatDryRun || u[0].Why != want || len(got.Impact.Findings) != 0 {
				t.Errorf("%s: impact %+v", kind, got.Impact)
			}
		}
	})
	t.Run("the companions go along", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.plan(change.Patch{change.ClientIPPool: change.Text("10.99.0.0/24")}, on)
		if p := h.VPC.Calls(vpc.ModifySslVpnServer)[0].Params; p["LocalSubnet"] != "10.20.20.0/24" || p["DryRun"] != "true" || p["ClientToken"] != "" {
			t.Errorf("parameters %v", p)
		}
	})
}

// TestAnApplyMakesNoCallMore: what informs people is read for plans alone.
func TestAnApplyMakesNoCallMore(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(2)
	id := h.set(change.Port, change.Number(1195))
	h.drain()
	h.ends(id, change.Applied)
	for _, action := range []string{vpc.DescribeSslVpnClients, vpc.DescribeSslVpnClientCerts, vpc.DescribeVpcAttribute} {
		if n := len(h.VPC.Calls(action)); n != 0 {
			t.Errorf("%s was called %d times", action, n)
		}
	}
}

func TestARecordSaysWhoWasConnected(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(3)
	certificates := []string{"vsc-clienta1", "vsc-clientb1"}
	port := h.submit(func(c *change.Change) {
		c.Patch, c.Certificates = change.Patch{change.Port: change.Number(1195)}, certificates
	})
	h.drain()
	got := h.ends(port, change.Applied).Impact
	if got == nil || got.Class != impact.NewFile || got.Connected == nil || *got.Connected != 3 || got.MaxConnections != 5 || !slices.Equal(got.Certificates, certificates) {
		t.Errorf("impact of the port = %+v", got)
	}
	same := h.set(change.Port, change.Number(1195))
	name := h.set(change.Name, change.Text("lab"))
	h.drain()
	if got := h.ends(same, change.Unchanged).Impact; got != nil {
		t.Errorf("impact of nothing = %+v", got)
	}
	if got := h.ends(name, change.Applied).Impact; got == nil || got.Class != impact.None || *got.Connected != 0 || got.Certificates != nil {
		t.Errorf("impact of the name = %+v", got)
	}
}

func TestARecordOfAServerThatMayNotBeReadSaysNothingOfPeople(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(3)
	if err := h.VPC.UpdateServer(h.server.ServerID, func(s *vpc.Server) { s.DenyReads = true }); err != nil {
		t.Fatal(err)
	}
	id := h.set(change.Port, change.Number(1195))
	h.drain()
	if got := h.ends(id, change.Applied).Impact; got == nil || got.Class != impact.NewFile || got.Connected != nil || got.MaxConnections != 0 {
		t.Errorf("impact = %+v", got)
	}
}

// TestAnUndoConcernsTheSameCertificates: what changes back changes the same files, and
// whoever returns is connected again.
func TestAnUndoConcernsTheSameCertificates(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(2)
	certificates := []string{"vsc-clienta1", "vsc-clientb1"}
	id := h.submit(func(c *change.Change) {
		c.Patch, c.Confirm, c.Certificates = change.Patch{change.Port: change.Number(1195)}, change.Confirmation{For: tenMinutes}, certificates
	})
	undo := h.armedBy(id)
	h.pass(tenMinutes + change.UndoGrace)
	h.drain(impatient)
	if got := h.ends(undo, change.Applied).Impact; got == nil || got.Class != impact.NewFile || *got.Connected != 0 || !slices.Equal(got.Certificates, certificates) {
		t.Errorf("impact of the undo = %+v", got)
	}
}
