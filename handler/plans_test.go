package handler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

func (h *harness) plans(c call) []reconcile.Preview {
	h.t.Helper()
	var body struct{ Changes []reconcile.Preview }
	decode(h.t, h.ask(c, 200).Body, &body)
	return body.Changes
}

func TestPlansSayWhatWouldBeDone(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	h.Server("vss-two")
	if err := h.VPC.UpdateServer("vss-two", func(s *vpc.Server) { s.DenyReads = true }); err != nil {
		t.Fatal(err)
	}
	doc := "changes:\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1195, Proto: udp}\n" +
		"  - {RegionId: cn-hangzhou, SslVpnServerId: vss-two, Port: 1196}\n" +
		"  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1197, expect: {Port: 1194}}\n" +
		"  - {RegionId: cn-hangzhou, SslVpnServerId: vss-none, Port: 1198}\n" +
		"  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1199, expect: {Port: 1195}}\n"
	c := again(post("/v1/plans", doc))
	got := h.plans(c)
	if len(got) != 5 {
		t.Fatalf("%d plans", len(got))
	}
	if p := got[0]; p.Index != 1 || p.ServerID != "vss-one" || p.RegionID != "cn-hangzhou" || len(p.Problems) != 0 ||
		fmt.Sprint(p.Changed) != "[{Port 1194 1195}]" || p.Before[change.Port] != change.Number(1194) || p.After[change.Port] != change.Number(1195) {
		t.Errorf("the first is %+v", p)
	}
	for i, rule := range map[int]string{1: "server-not-readable", 2: "expect-mismatch", 3: "InvalidSslVpnServerId.NotFound"} {
		if p := got[i]; p.Index != i+1 || len(p.Problems) != 1 || p.Problems[0].Rule != rule || p.Problems[0].Hint == "" || p.Changed == nil || len(p.Changed) != 0 {
			t.Errorf("number %d is %+v, want the rule %s", i+1, p, rule)
		}
	}
	if p := got[4]; fmt.Sprint(p.Changed) != "[{Port 1195 1199}]" || len(p.Problems) != 0 {
		t.Errorf("the last is %+v", p)
	}
	h.count("claims/", 1) // of the webhook-id
	for _, prefix := range []string{"queue/", "wake/", "results/", "lanes/", "receipts/"} {
		h.count(prefix, 0)
	}
	if h.sent() != 0 {
		t.Errorf("%d modifications were sent", h.sent())
	}
	h.plans(c) // a repetition gets a plan again
	h.problem(again(post("/v1/changes", doc)), 409, "conflict")
}

// A plan says whom the change concerns, for programs and for people.
func TestPlansSayWhoIsConnected(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	if err := h.VPC.SetClients(vpc.Clients{ServerID: "vss-one", Clients: []vpc.Client{{Certificate: "vsc-a1"}, {Certificate: "vsc-a1"}}}); err != nil {
		t.Fatal(err)
	}
	if err := h.VPC.AddCertificate(vpc.Certificate{ID: "vsc-a1", ServerID: "vss-one", Name: "laptop", EndsAt: h.Clock.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	h.VPC.Deny(vpc.DescribeVpnGateway)
	var body struct {
		Changes []struct {
			Impact  *impact.Impact
			Effects []string
		}
	}
	decode(t, h.ask(post("/v1/plans", "changes:\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1195}\n"), 200).Body, &body)
	if len(body.Changes) != 1 || body.Changes[0].Impact == nil {
		t.Fatalf("plans = %+v", body)
	}
	got := body.Changes[0]
	if i := got.Impact; i.Class != impact.NewFile || *i.Connected != 2 || i.MaxConnections != 5 || i.Certificates[0].Name != "laptop" ||
		len(i.Unknown) != 1 || i.Unknown[0] != (impact.Unknown{What: impact.WhatGateway, Why: impact.NotPermitted, Action: "vpc:DescribeVpnGateway"}) {
		t.Errorf("impact = %+v", i)
	}
	text := strings.Join(got.Effects, "\n")
	for _, want := range []string{
		"Connected: 2 of 5", "Certificates concerned: laptop", "Certificates that expire soon: laptop", "remote 203.0.113.10 1195 udp",
		"Support by the VPN gateway not checked: the function's role may not call vpc:DescribeVpnGateway",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the effects do not say %q:\n%s", want, text)
		}
	}
}

func TestPlansOfBrokenDocuments(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.problem(post("/v1/plans", "{"), 400, "unparsable")
	p := h.problem(post("/v1/plans", strings.Replace(setPort, "1195", "443", 1)), 422, "invalid")
	if len(p.Problems) != 1 || p.Problems[0].Rule != "port-reserved" {
		t.Errorf("the problems are %+v", p.Problems)
	}
	h.problem(post("/v1/plans", setPort).with("Content-Type", "text/html"), 415, "media-type")
}

// An answer that the platform would drop is no answer.
func TestAPlanThatIsTooLargeSaysSo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	var doc strings.Builder
	doc.WriteString("changes:\n")
	text := strings.Repeat("<", 60) // six bytes each in JSON
	for range 800 {
		fmt.Fprintf(&doc, "- {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1195, expect: {Name: %q, ClientIpPool: %q, LocalSubnet: %q, Proto: %q, "+
			"Cipher: %q, IDaaSInstanceId: %q, IDaaSRegionId: %q, IDaaSApplicationId: %q}}\n", text, text, text, text, text, text, text, text)
	}
	p := h.problem(post("/v1/plans", doc.String()), 413, "too-large")
	if !strings.Contains(p.Detail, "fewer") {
		t.Errorf("it does not say how to fix it: %s", p.Detail)
	}
}
