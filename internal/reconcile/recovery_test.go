package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// Whatever the looks after an unanswered send meet, the change ends with what
// can be known, and is sent again under its own token only.
func TestRecoveryAfterASendWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		then   func(*harness)
		status change.Status
		code   string
		sent   int
	}{
		"the server may not be looked at for a moment": {
			func(h *harness) { h.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultThrottle}) }, change.Applied, "", 2,
		},
		"the gateway may not be looked at for a moment": {
			func(h *harness) { h.fault(vpc.Fault{Action: readGateway, Kind: vpc.FaultThrottle}) }, change.Applied, "", 2,
		},
		"the gateway is at work for somebody else": {
			func(h *harness) {
				h.busyFor(50 * time.Millisecond)
			}, change.Applied, "", 2,
		},
		"the server is gone": {
			func(h *harness) {
				h.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultError, Status: 404, Code: "InvalidSslVpnServerId.NotFound"})
			}, change.Failed, "InvalidSslVpnServerId.NotFound", 1,
		},
		"the gateway is gone": {
			func(h *harness) {
				h.fault(vpc.Fault{Action: readGateway, Kind: vpc.FaultError, Status: 404, Code: "InvalidVpnGatewayInstanceId.NotFound"})
			}, change.Failed, "InvalidVpnGatewayInstanceId.NotFound", 1,
		},
		"the credentials expire": {
			func(h *harness) { h.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultExpiredToken}) }, change.Applied, "", 2,
		},
		"it is answered that the gateway is busy": {
			func(h *harness) {
				h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "VpnGateway.Configuring"})
			}, change.Applied, "", 3,
		},
		"it is throttled": {
			func(h *harness) { h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultThrottle}) }, change.Applied, "", 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset})
			id := h.set(change.Port, change.Number(1195))
			if rep := h.drain(afterCall(modify, 1, func() { tt.then(h) })); rep.Standing == reconcile.Waits {
				h.drain()
			}
			rec := h.ends(id, tt.status)
			if (rec.Error == nil) != (tt.code == "") || (rec.Error != nil && rec.Error.Code != tt.code) {
				t.Errorf("error is %+v, want %q", rec.Error, tt.code)
			}
			if rec.Status == change.Failed && (rec.After != nil || rec.Verified) {
				t.Errorf("after is %v of a server that nobody could see", rec.After)
			}
			h.oneToken(tt.sent)
			h.queueEmpty()
		})
	}
}

// A gateway that is not seen at work may still begin: a read-back is believed
// when that is over, and not some time later.
func TestAnEqualReadBackCountsWhenTheGatewayWouldHaveBegun(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	var accepted, read time.Time
	h.drain(func(d *reconcile.Deps, p *reconcile.Policy) {
		p.FirstPoll, p.MaxPoll = time.Hour, time.Hour // a wait of chance is not over in this invocation
		d.Jitter = func() float64 { return 0.99 }
		p.StartDelay = 300 * time.Millisecond
	}, watch(func(action string, _ int) {
		switch action {
		case modify:
			accepted = time.Now()
		case readGateway:
			read = time.Now()
		}
	}))
	h.ends(id, change.Applied)
	if early := accepted.Add(300 * time.Millisecond).Sub(read); early > 0 {
		t.Errorf("believed %v before the gateway must have begun", early)
	}
}

func (h *harness) busyFor(d time.Duration) {
	h.t.Helper()
	if err := h.VPC.Busy("vpn-of-"+h.server.ServerID, d); err != nil {
		h.t.Fatal(err)
	}
}

// oneToken asserts how often the modification was sent, under one token.
func (h *harness) oneToken(sent int) {
	h.t.Helper()
	calls := h.VPC.Calls(modify)
	for _, c := range calls {
		if c.Params["ClientToken"] != calls[0].Params["ClientToken"] {
			h.t.Errorf("sent under another token: %v", c.Params)
		}
	}
	if len(calls) != sent {
		h.t.Errorf("sent %d times, not %d", len(calls), sent)
	}
}

func TestAnOutcomeThatIsUnknownWhenTheChangeExpiresIsRecordedAsUnknown(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset})
	id := h.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, h.Clock.Now().Add(time.Hour)
	})
	h.drain(afterCall(modify, 1, func() { h.Clock.Advance(time.Hour) })) // past its deadline, too
	h.pending(id)
	h.drain() // it may still take effect
	h.pending(id)
	h.Clock.Advance(3 * time.Minute)
	h.OSS.Advance(3 * time.Minute)
	h.drain()
	rec := h.ends(id, change.Failed)
	if rec.Error.Code != "OutcomeUnknown" || rec.Error.Hint == "" || rec.ClientToken == "" || rec.Verified {
		t.Errorf("error %+v, token %q", rec.Error, rec.ClientToken)
	}
	if h.sent() != 1 || rec.After[change.Port] != change.Number(1194) {
		t.Errorf("sent %d times, after is %v", h.sent(), rec.After)
	}
}

func TestAGatewayThatNeverFinishesEndsTheChange(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, h.Clock.Now().Add(2*time.Hour)
	})
	h.drain(impatient, afterCall(modify, 1, func() { h.busyFor(24 * time.Hour) }))
	h.pending(id)
	h.Clock.Advance(3 * time.Hour)
	h.busyFor(24 * time.Hour)
	h.drain(impatient)
	rec := h.ends(id, change.Failed)
	if rec.Error.Code != "GatewayStuck" || !strings.Contains(rec.Error.Message, "updating") || rec.Verified || h.sent() != 1 {
		t.Errorf("error %+v, verified %v, sent %d times", rec.Error, rec.Verified, h.sent())
	}
}

// After an acceptance, what must not be read counts as applied, what is gone fails.
func TestVerificationAfterAnAcceptance(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		then     vpc.Fault
		status   change.Status
		verified bool
	}{
		"the server is gone":          {vpc.Fault{Action: readServer, Kind: vpc.FaultError, Status: 404, Code: "InvalidSslVpnServerId.NotFound"}, change.Failed, false},
		"the gateway is gone":         {vpc.Fault{Action: readGateway, Kind: vpc.FaultError, Status: 404, Code: "InvalidVpnGatewayInstanceId.NotFound"}, change.Failed, false},
		"the gateway is not readable": {vpc.Fault{Action: readGateway, Kind: vpc.FaultError, Status: 403, Code: "Forbidden", Times: -1}, change.Applied, false},
		"the server is not readable":  {vpc.Fault{Action: readServer, Kind: vpc.FaultError, Status: 403, Code: "Forbidden", Times: -1}, change.Applied, false},
		"the API is down for a look":  {vpc.Fault{Action: readServer, Kind: vpc.FaultThrottle}, change.Applied, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.set(change.Port, change.Number(1195))
			h.drain(afterCall(modify, 1, func() { h.fault(tt.then) }))
			rec := h.ends(id, tt.status)
			if rec.Verified != tt.verified || h.sent() != 1 || h.port() != 1195 {
				t.Errorf("verified %v, sent %d times, port %d", rec.Verified, h.sent(), h.port())
			}
			if tt.status == change.Failed && (rec.Error.Code != tt.then.Code || rec.After != nil) {
				t.Errorf("error %+v, after %v", rec.Error, rec.After)
			}
			h.queueEmpty()
		})
	}
}
