package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

const modify = "ModifySslVpnServer"

// The errors that the API reference lists for a modification, provoked in the
// emulator: each ends as the table of errors says, with the advice that a user
// needs.
func TestTheErrorsOfTheReference(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		provoke func(*harness)
		status  change.Status
		class   string
		code    string
		advice  string
		sent    int
	}{
		"Forbidden": {
			provoke: func(h *harness) { h.server403(false) },
			status:  change.Failed, class: "denied", code: "Forbidden", sent: 1,
			advice: "vpc:ModifySslVpnServer",
		},
		"Forbbiden.SubUser": {
			provoke: func(h *harness) { h.server403(true) },
			status:  change.Failed, class: "denied", code: "Forbbiden.SubUser", sent: 1,
			advice: "acs:vpc:cn-hangzhou:1234567890123456:sslvpnserver/vss-bp18q7hzj6largv4vk2fe",
		},
		"InvalidName": {
			provoke: func(h *harness) {
				h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "InvalidName", Message: "The name is not valid"})
			},
			status: change.Failed, class: "invalid", code: "InvalidName", sent: 1, advice: "Name must",
		},
		"VpnGateway.Configuring": {
			provoke: func(h *harness) {
				h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "VpnGateway.Configuring", Message: "The specified service is configuring."})
			},
			status: change.Applied, sent: 2,
		},
		"VpnGateway.FinancialLocked on the modification": {
			provoke: func(h *harness) {
				h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "VpnGateway.FinancialLocked", Message: "The specified service is financial locked."})
			},
			status: change.Failed, class: "locked", code: "VpnGateway.FinancialLocked", sent: 1, advice: "bill",
		},
		"VpnGateway.FinancialLocked seen at the gateway": {
			provoke: func(h *harness) {
				h.gateway(func(g *vpc.Gateway) { g.FinancialLocked = true })
			},
			status: change.Failed, class: "locked", code: "VpnGateway.FinancialLocked", sent: 0, advice: "bill",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.provoke(h)
			id := h.set(change.Port, change.Number(1195))
			h.drain()
			rec := h.ends(id, tt.status)
			if h.sent() != tt.sent {
				t.Errorf("%d modifications sent, not %d", h.sent(), tt.sent)
			}
			h.queueEmpty()
			if tt.class == "" {
				return
			}
			if rec.Error == nil || rec.Error.Class != tt.class || rec.Error.Code != tt.code || !strings.Contains(rec.Error.Hint, tt.advice) {
				t.Errorf("the record's error is %+v", rec.Error)
			}
			if rec.Verified || len(rec.Changed) != 0 || h.port() != 1194 {
				t.Errorf("verified %v, changed %+v, port %d of a change that failed", rec.Verified, rec.Changed, h.port())
			}
		})
	}
}

func (h *harness) server403(sub bool) {
	h.t.Helper()
	if err := h.VPC.UpdateServer(h.server.ServerID, func(s *vpc.Server) { s.DenyModify, s.SubUser = true, sub }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) gateway(edit func(*vpc.Gateway)) {
	h.t.Helper()
	if err := h.VPC.UpdateGateway("vpn-of-"+h.server.ServerID, edit); err != nil {
		h.t.Fatal(err)
	}
}

// An outcome that is not known is settled by looking, and by sending again
// under the same token where nothing shows.
func TestUnknownOutcomes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault vpc.Fault
		sent  int
	}{
		"the connection is cut before the effect": {vpc.Fault{Kind: vpc.FaultReset}, 2},
		"the connection is cut after the effect":  {vpc.Fault{Kind: vpc.FaultReset, Commit: true}, 1},
		"500 without effect":                      {vpc.Fault{Kind: vpc.FaultError, Status: 500, Code: "InternalError"}, 2},
		"503 with effect":                         {vpc.Fault{Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable", Commit: true}, 1},
		"a proxy's page with effect":              {vpc.Fault{Kind: vpc.FaultHTML, Commit: true}, 1},
		"an empty answer without effect":          {vpc.Fault{Kind: vpc.FaultEmpty}, 2},
		"half an answer with effect":              {vpc.Fault{Kind: vpc.FaultTruncated, Commit: true}, 1},
		"a hanging answer with effect":            {vpc.Fault{Kind: vpc.FaultHang, Commit: true}, 1},
		"a nonce used twice":                      {vpc.Fault{Kind: vpc.FaultError, Status: 400, Code: "SignatureNonceUsed"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, cloudtest.Configuring(50*time.Millisecond))
			tt.fault.Action = modify
			h.fault(tt.fault)
			id := h.set(change.Port, change.Number(1195))
			h.drain()
			rec := h.ends(id, change.Applied)
			h.modifies(1)
			if h.sent() != tt.sent || !rec.Verified {
				t.Errorf("%d sent, not %d; verified %v", h.sent(), tt.sent, rec.Verified)
			}
			tokens := map[string]bool{}
			for _, c := range h.VPC.Calls(modify) {
				tokens[c.Params["ClientToken"]] = true
			}
			if len(tokens) != 1 || !tokens[rec.ClientToken] {
				t.Errorf("sent under the tokens %v; the record says %s", tokens, rec.ClientToken)
			}
			if rec.Attempts[0].Class != "unknown" {
				t.Errorf("attempts are %+v", rec.Attempts)
			}
			h.queueEmpty()
		})
	}
}

func TestADefiniteRefusalUsesUpItsToken(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "VpnGateway.Configuring"})
	id := h.set(change.Port, change.Number(1195))
	h.drain()
	h.ends(id, change.Applied)
	calls := h.VPC.Calls(modify)
	if len(calls) != 2 || calls[0].Params["ClientToken"] == calls[1].Params["ClientToken"] {
		t.Errorf("sent %d times, under one token", len(calls))
	}
}

func TestAThrottledCallIsRepeatedLater(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultThrottle, Hint: vpc.HintTimeLeft, Wait: 200 * time.Millisecond})
	h.fault(vpc.Fault{Action: "DescribeSslVpnServers", Kind: vpc.FaultThrottle})
	id := h.set(change.Port, change.Number(1195))
	h.drain()
	rec := h.ends(id, change.Applied)
	if rec.Waited.Throttle < 200 {
		t.Errorf("waited %+v, the API asked for 200 ms", rec.Waited)
	}
	h.modifies(1)
}

func TestExpiredCredentialsAreTriedOnceMoreThenWait(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultExpiredToken, Times: 2})
	id := h.set(change.Port, change.Number(1195))
	rep := h.drain()
	if rep.Standing != reconcile.Waits || !strings.Contains(rep.Why, "credentials") || h.sent() != 2 {
		t.Errorf("the drain reports %+v after %d sends", rep, h.sent())
	}
	h.pending(id)
	h.drain()
	h.ends(id, change.Applied)
	h.modifies(1)
}

func TestWithoutTheRightToReadChangesAreAppliedUnverified(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.VPC.UpdateServer(h.server.ServerID, func(s *vpc.Server) { s.DenyReads = true }); err != nil {
		t.Fatal(err)
	}
	h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset, Commit: true})
	id := h.set(change.Port, change.Number(1195))
	expecting := h.submit(func(c *change.Change) {
		c.Patch, c.Expect = change.Patch{change.Name: change.Text("new")}, change.Patch{change.Port: change.Number(1195)}
	})
	h.drain()
	rec := h.ends(id, change.Applied)
	if rec.Verified {
		t.Error("verified without reading")
	}
	if rec := h.ends(expecting, change.Rejected); rec.Error.Code != "server-not-readable" {
		t.Errorf("error is %+v", rec.Error)
	}
	h.modifies(1)
	if h.sent() != 2 || h.port() != 1195 {
		t.Errorf("%d sent, port %d", h.sent(), h.port())
	}
}

func TestAServerThatDoesNotShowTheChangeFailsIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t, cloudtest.Configuring(300*time.Millisecond))
	id := h.set(change.Port, change.Number(1195))
	done := make(chan reconcile.Report)
	go func() { done <- h.drain() }()
	// Somebody else sets the port as soon as the modification is accepted.
	for h.sent() == 0 || h.port() != 1195 {
		select {
		case <-t.Context().Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
	if err := h.VPC.UpdateServer(h.server.ServerID, func(s *vpc.Server) { s.Port = 1999 }); err != nil {
		t.Fatal(err)
	}
	<-done
	rec := h.ends(id, change.Failed)
	if rec.Error.Code != "ReadBackMismatch" || rec.Error.Class != "unverified" || !strings.Contains(rec.Error.Message, "1999") {
		t.Errorf("error is %+v", rec.Error)
	}
	if rec.After[change.Port] != change.Number(1999) || h.port() != 1999 {
		t.Errorf("after says %v, the server has %d", rec.After[change.Port], h.port())
	}
}

func TestARecordNamesItsModificationHoweverManyLooksFailedBefore(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	const outage = 45
	h.fault(vpc.Fault{Action: "DescribeSslVpnServers", Kind: vpc.FaultError, Status: 400, Code: "InvalidSecurityToken.Expired", Message: "no", Times: outage})
	for range outage {
		if rep := h.drain(); rep.Standing != reconcile.Waits {
			t.Fatalf("the drain reports %+v", rep)
		}
	}
	h.drain()
	rec := h.ends(id, change.Applied)
	last := rec.Attempts[len(rec.Attempts)-1]
	if len(rec.Attempts) != 40 || last.Action != "ModifySslVpnServer" || last.HTTPStatus != 200 {
		t.Errorf("%d attempts, the last is %+v", len(rec.Attempts), last)
	}
}
