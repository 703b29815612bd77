package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/reconcile"
)

// Whatever the looks after an unanswered send meet, the change ends with what
// can be known, and is sent again under its own token only.
func TestWhatIsMetAfterASendWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		then   func(*bench)
		status change.Status
		code   string
		sent   int
	}{
		"the server may not be looked at for a moment": {
			func(b *bench) { b.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultThrottle}) }, change.Applied, "", 2,
		},
		"the gateway may not be looked at for a moment": {
			func(b *bench) { b.fault(vpc.Fault{Action: readGateway, Kind: vpc.FaultThrottle}) }, change.Applied, "", 2,
		},
		"the gateway is at work for somebody else": {
			func(b *bench) {
				b.busyFor(50 * time.Millisecond)
			}, change.Applied, "", 2,
		},
		"the server is gone": {
			func(b *bench) {
				b.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultError, Status: 404, Code: "InvalidSslVpnServerId.NotFound"})
			}, change.Failed, "InvalidSslVpnServerId.NotFound", 1,
		},
		"the gateway is gone": {
			func(b *bench) {
				b.fault(vpc.Fault{Action: readGateway, Kind: vpc.FaultError, Status: 404, Code: "InvalidVpnGatewayInstanceId.NotFound"})
			}, change.Failed, "InvalidVpnGatewayInstanceId.NotFound", 1,
		},
		"the credentials expire": {
			func(b *bench) { b.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultExpiredToken}) }, change.Applied, "", 2,
		},
		"it is answered that the gateway is busy": {
			func(b *bench) {
				b.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "VpnGateway.Configuring"})
			}, change.Applied, "", 3,
		},
		"it is throttled": {
			func(b *bench) { b.fault(vpc.Fault{Action: modify, Kind: vpc.FaultThrottle}) }, change.Applied, "", 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset})
			id := b.set(change.Port, change.Number(1195))
			if rep := b.drain(afterCall(modify, 1, func() { tt.then(b) })); rep.Standing == reconcile.Waits {
				b.drain()
			}
			rec := b.ends(id, tt.status)
			if (rec.Error == nil) != (tt.code == "") || (rec.Error != nil && rec.Error.Code != tt.code) {
				t.Errorf("error is %+v, want %q", rec.Error, tt.code)
			}
			if rec.Status == change.Failed && (rec.After != nil || rec.Verified) {
				t.Errorf("after is %v of a server that nobody could see", rec.After)
			}
			b.oneToken(tt.sent)
			b.lineEmpty()
		})
	}
}

// A gateway that is not seen at work may still begin: a read-back is believed
// when that is over, and not some time later.
func TestAnEqualReadBackIsBelievedWhenTheGatewayWouldHaveBegun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	var accepted, read time.Time
	b.drain(func(d *reconcile.Deps, p *reconcile.Policy) {
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
	b.ends(id, change.Applied)
	if early := accepted.Add(300 * time.Millisecond).Sub(read); early > 0 {
		t.Errorf("believed %v before the gateway must have begun", early)
	}
}

func (b *bench) busyFor(d time.Duration) {
	b.t.Helper()
	if err := b.VPC.Busy("vpn-of-"+b.server.ServerID, d); err != nil {
		b.t.Fatal(err)
	}
}

// oneToken asserts how often was sent, under one token.
func (b *bench) oneToken(sent int) {
	b.t.Helper()
	calls := b.VPC.Calls(modify)
	for _, c := range calls {
		if c.Params["ClientToken"] != calls[0].Params["ClientToken"] {
			b.t.Errorf("sent under another token: %v", c.Params)
		}
	}
	if len(calls) != sent {
		b.t.Errorf("sent %d times, not %d", len(calls), sent)
	}
}

func TestAnOutcomeThatStaysUnknownUntilTheChangeExpiresIsSaidToBe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset})
	id := b.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, b.Clock.Now().Add(time.Hour)
	})
	b.drain(afterCall(modify, 1, func() { b.Clock.Advance(time.Hour) })) // past its deadline, too
	b.pending(id)
	b.drain()
	rec := b.ends(id, change.Failed)
	if rec.Error.Code != "OutcomeUnknown" || rec.Error.Hint == "" || rec.ClientToken == "" || rec.Verified {
		t.Errorf("error %+v, token %q", rec.Error, rec.ClientToken)
	}
	if b.sent() != 1 || rec.After[change.Port] != change.Number(1194) {
		t.Errorf("sent %d times, after is %v", b.sent(), rec.After)
	}
}

func TestAGatewayThatNeverFinishesEndsTheChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, b.Clock.Now().Add(2*time.Hour)
	})
	b.drain(impatient, afterCall(modify, 1, func() { b.busyFor(24 * time.Hour) }))
	b.pending(id)
	b.Clock.Advance(3 * time.Hour)
	b.busyFor(24 * time.Hour)
	b.drain(impatient)
	rec := b.ends(id, change.Failed)
	if rec.Error.Code != "GatewayStuck" || !strings.Contains(rec.Error.Message, "updating") || rec.Verified || b.sent() != 1 {
		t.Errorf("error %+v, verified %v, sent %d times", rec.Error, rec.Verified, b.sent())
	}
}

// After an acceptance, what may not be read is believed, what is gone fails.
func TestWhatIsMetAfterAnAcceptance(t *testing.T) {
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
			b := newBench(t)
			id := b.set(change.Port, change.Number(1195))
			b.drain(afterCall(modify, 1, func() { b.fault(tt.then) }))
			rec := b.ends(id, tt.status)
			if rec.Verified != tt.verified || b.sent() != 1 || b.port() != 1195 {
				t.Errorf("verified %v, sent %d times, port %d", rec.Verified, b.sent(), b.port())
			}
			if tt.status == change.Failed && (rec.Error.Code != tt.then.Code || rec.After != nil) {
				t.Errorf("error %+v, after %v", rec.Error, rec.After)
			}
			b.lineEmpty()
		})
	}
}
