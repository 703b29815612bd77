package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// paced is an invocation with the pauses of production, all of which are left to the
// sweep.
func paced(_ *reconcile.Deps, p *reconcile.Policy) {
	d := reconcile.DefaultPolicy()
	p.FirstPause, p.MaxPause, p.Landing, p.LongPause = d.FirstPause, d.MaxPause, d.Landing, 0
}

// sweeps drains the lane every minute, and returns how often it was sent.
func (h *harness) sweeps(minutes int) (sent int) {
	h.t.Helper()
	before := h.sent()
	for range minutes {
		h.drain(paced)
		h.pass(time.Minute)
	}
	return h.sent() - before
}

func failing(status int, code string, times int) vpc.Fault {
	return vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: status, Code: code, Message: "It failed.", Times: times}
}

func (h *harness) position(id string) *reconcile.Position {
	h.t.Helper()
	_, pos, err := h.reconciler().Find(h.t.Context(), id)
	if err != nil || pos == nil {
		h.t.Fatalf("no position of %s: %v", id, err)
	}
	return pos
}

// A modification that the API answers with an error forever is sent a few times with
// growing pauses; then its change fails with what the API said.
func TestAModificationThatAlwaysFailsEndsWithTheAnswerOfTheAPI(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]vpc.Fault{
		"UnknownError":           {failing(500, "UnknownError", -1)},
		"InternalError":          {failing(500, "InternalError", -1)},
		"SystemBusy":             {failing(503, "SystemBusy", -1)},
		"an unknown code":        {failing(502, "Backend.Broken", -1)},
		"mixed codes":            {failing(500, "InternalError", 2), failing(503, "ServiceUnavailable", 1), failing(503, "SystemBusy", -1)},
		"in XML":                 {{Action: modify, Kind: vpc.FaultXMLError, Status: 500, Code: "UnknownError", Message: "It failed.", Times: -1}},
		"timeouts between":       {failing(500, "UnknownError", 2), {Action: modify, Kind: vpc.FaultReset, Times: 2}, failing(500, "UnknownError", -1)},
		"a busy gateway between": {failing(500, "UnknownError", 3), failing(400, "VpnGateway.Configuring", 1), failing(500, "UnknownError", -1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.fault(faults...)
			id, begun := h.set(change.Port, change.Number(1195)), h.Clock.Now()
			if first := h.sweeps(9); first < 3 || first > 8 {
				t.Errorf("sent %d times in nine minutes", first)
			}
			h.pending(id)
			h.sweeps(15)
			rec := h.ends(id, change.Failed)
			calls := h.VPC.Calls(modify)
			last := faults[len(faults)-1]
			if rec.Error.Code != last.Code || rec.Error.Message != "It failed." || rec.Error.Class != "other" ||
				rec.Error.RequestID != calls[len(calls)-1].RequestID || !strings.Contains(rec.Error.Hint, "nothing was applied") {
				t.Errorf("error is %+v", rec.Error)
			}
			if took := rec.FinishedAt.Sub(begun); took < 10*time.Minute || len(calls) > 14 {
				t.Errorf("it failed after %v and %d sends", took, len(calls))
			}
			if rec.Verified || rec.After[change.Port] != change.Number(1194) || len(rec.Changed) != 0 || h.port() != 1194 {
				t.Errorf("verified %v, after %v, changed %v", rec.Verified, rec.After, rec.Changed)
			}
			h.oneToken(len(calls))
			h.queueEmpty()
		})
	}
}

// What is no answer of the API proves nothing: the change goes on until it expires.
func TestTimeoutsAreNoAnswers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]vpc.Fault{
		"connections that break": {Kind: vpc.FaultReset},
		"a proxy's page":         {Kind: vpc.FaultHTML, Status: 500},
		"no request id":          {Kind: vpc.FaultNumericCode},
		"a used nonce":           {Kind: vpc.FaultError, Status: 400, Code: "SignatureNonceUsed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			fault.Action, fault.Times = modify, -1
			h.fault(fault)
			id := h.submit(func(c *change.Change) {
				c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, h.Clock.Now().Add(40*time.Minute)
			})
			if sent := h.sweeps(35); sent > 16 {
				t.Errorf("sent %d times", sent)
			}
			h.pending(id)
			h.sweeps(12)
			if rec := h.ends(id, change.Failed); rec.Error.Code != "OutcomeUnknown" {
				t.Errorf("error is %+v", rec.Error)
			}
			h.queueEmpty()
		})
	}
}

// A change that expires before that fails with the answer, too: it is known by then
// that nothing was applied.
func TestAModificationThatFailsUntilItExpires(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(failing(500, "UnknownError", -1))
	id := h.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, h.Clock.Now().Add(3*time.Minute)
	})
	h.sweeps(6)
	rec := h.ends(id, change.Failed)
	if rec.Error.Code != "UnknownError" || rec.Error.RequestID == "" || rec.Error.Message != "It failed." || rec.After[change.Port] != change.Number(1194) {
		t.Errorf("error is %+v, after %v", rec.Error, rec.After)
	}
}

// An error may come although the modification took effect: it is applied once.
func TestAFailureThatTookEffectIsAppliedOnce(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]vpc.Fault{
		"the first":  {{Kind: vpc.FaultError, Status: 500, Code: "UnknownError", Commit: true, Times: -1}},
		"the third":  {failing(500, "UnknownError", 2), {Kind: vpc.FaultError, Status: 503, Code: "SystemBusy", Commit: true, Times: -1}},
		"no outcome": {failing(500, "UnknownError", 4), {Kind: vpc.FaultReset, Commit: true, Times: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			for _, f := range faults {
				f.Action = modify
				h.fault(f)
			}
			id := h.set(change.Port, change.Number(1195))
			h.sweeps(25)
			if rec := h.ends(id, change.Applied); !rec.Verified {
				t.Errorf("verified %v", rec.Verified)
			}
			h.modifies(1)
			h.queueEmpty()
		})
	}
}

// Of merged changes only the one fails whose setting the API cannot process.
func TestMergedChangesThatFailAreSentSeparately(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	bad := h.set(change.ClientIPPool, change.Text("172.16.0.0/24"))
	good := h.set(change.Port, change.Number(1195))
	h.fault(failing(500, "UnknownError", -1))
	for range 60 {
		h.drain(paced)
		h.pass(time.Minute)
		calls := h.VPC.Calls(modify)
		if _, pool := calls[len(calls)-1].Params["ClientIpPool"]; !pool {
			break
		}
		if len(h.Keys(t.Context(), "results/")) > 0 {
			h.VPC.ClearFaults()
		}
	}
	if rec := h.ends(bad, change.Failed); rec.Error.Code != "UnknownError" || len(rec.MergedWith) != 0 {
		t.Errorf("error is %+v", rec.Error)
	}
	h.VPC.ClearFaults()
	h.sweeps(3)
	h.ends(good, change.Applied)
	h.queueEmpty()
}

// Nothing fails or is dropped for as long as it is not certain that nothing was
// applied.
func TestAFailureIsNotFinalWhileTheServerIsNotAsBefore(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*harness){
		"the gateway is updating": func(h *harness) { h.busyFor(24 * time.Hour) },
		"the gateway may not be read": func(h *harness) {
			h.fault(vpc.Fault{Action: readGateway, Kind: vpc.FaultError, Status: 403, Code: "Forbidden", Times: -1})
		},
		"the server may not be read": func(h *harness) {
			h.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultError, Status: 403, Code: "Forbidden", Times: -1})
		},
		"the API is down": func(h *harness) {
			h.fault(vpc.Fault{Action: readServer, Kind: vpc.FaultThrottle, Times: -1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.fault(failing(500, "UnknownError", -1))
			id := h.set(change.Port, change.Number(1195))
			h.sweeps(5)
			spoil(h)
			patient := func(_ *reconcile.Deps, p *reconcile.Policy) { p.WaitBudget = 0 }
			for range 20 {
				h.drain(paced, patient)
				h.pass(time.Minute)
			}
			h.pending(id)
			h.cancels(id)
			h.drain(paced, patient)
			h.pending(id)
			before := h.sent()
			for range 10 {
				h.drain(paced, patient)
				h.pass(time.Minute)
			}
			if h.pending(id); h.sent() != before {
				t.Errorf("sent %d times after it was cancelled", h.sent()-before)
			}
		})
	}
}

// Nobody cancels it: it is sent again, over what somebody else set.
func TestAModificationIsSentAgainAfterSomebodyElseModifiedTheServer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(failing(500, "UnknownError", -1))
	id := h.set(change.Port, change.Number(1195))
	h.drain(paced)
	h.setPort(1999)
	if h.sweeps(5) == 0 {
		t.Error("it was not sent again")
	}
	h.pending(id)
	h.VPC.ClearFaults()
	h.sweeps(10)
	h.ends(id, change.Applied)
}

// Another worker keeps the pauses, also with another clock.
func TestAnotherWorkerKeepsThePauses(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-4 * time.Minute, 0, 4 * time.Minute} {
		h := newHarness(t)
		h.fault(failing(500, "UnknownError", -1))
		h.set(change.Port, change.Number(1195))
		long := func(_ *reconcile.Deps, p *reconcile.Policy) { p.FirstPause = 3 * time.Minute }
		h.drain(paced, long)
		skewed := func(d *reconcile.Deps, _ *reconcile.Policy) {
			d.Now = func() time.Time { return h.Clock.Now().Add(skew) }
			d.Deadline = d.Deadline.Add(skew)
		}
		h.pass(2 * time.Minute)
		h.drain(paced, skewed)
		if h.sent() != 1 {
			t.Errorf("clock off by %v: sent %d times within the pause", skew, h.sent())
		}
		h.pass(2 * time.Minute)
		h.drain(paced, skewed)
		h.pass(4 * time.Minute)
		h.drain(paced, skewed)
		if h.sent() < 2 {
			t.Errorf("clock off by %v: not sent after the pause", skew)
		}
	}
}

// later are refusals after which the same modification may succeed, and which say
// nothing about the gateway.
func later() map[string]vpc.Fault {
	text := failing(400, "Operation.Refused", -1)
	text.Message = "The operation failed. Please try again later."
	return map[string]vpc.Fault{
		"SystemBusy": failing(400, "SystemBusy", -1), "UnknownError": failing(400, "UnknownError", -1),
		"ServiceUnavailable": failing(403, "ServiceUnavailable", -1), "a message": text,
	}
}

// A refusal that says "later" and never ends is an answer as well.
func TestARefusalThatAlwaysSaysLaterEnds(t *testing.T) {
	t.Parallel()
	for name, fault := range later() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.fault(fault)
			id, begun := h.set(change.Port, change.Number(1195)), h.Clock.Now()
			if first := h.sweeps(9); first < 3 || first > 8 {
				t.Errorf("sent %d times in nine minutes", first)
			}
			h.pending(id)
			if pos := h.position(id); pos.Status != change.Waiting || pos.Cause != reconcile.CauseFailing || !strings.Contains(pos.Why, fault.Code) {
				t.Errorf("it stands as %+v", pos)
			}
			h.sweeps(15)
			rec := h.ends(id, change.Failed)
			calls := h.VPC.Calls(modify)
			if rec.Error.Code != fault.Code || rec.Error.Message != fault.Message || rec.Error.Class != "other" || rec.Error.RequestID != calls[len(calls)-1].RequestID {
				t.Errorf("error is %+v", rec.Error)
			}
			if took := rec.FinishedAt.Sub(begun); took < 10*time.Minute || len(calls) > 14 {
				t.Errorf("it failed after %v and %d sends", took, len(calls))
			}
			h.queueEmpty()
		})
	}
}

// One that expires before that fails with the answer, too.
func TestARefusalThatSaysLaterUntilTheChangeExpires(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(failing(400, "UnknownError", -1))
	id := h.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, h.Clock.Now().Add(3*time.Minute)
	})
	h.sweeps(8)
	if rec := h.ends(id, change.Failed); rec.Error.Code != "UnknownError" || rec.Error.RequestID == "" {
		t.Errorf("error is %+v", rec.Error)
	}
	h.queueEmpty()
}

// Such a change is cancelled at once, and one that corrects it goes at once.
func TestAChangeThatIsRefusedForNow(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(failing(400, "UnknownError", 6))
	bad := h.set(change.Port, change.Number(1666))
	h.sweeps(4)
	h.VPC.ClearFaults()
	right := h.set(change.Port, change.Number(1195))
	h.drain(paced)
	h.ends(bad, change.Superseded)
	h.ends(right, change.Applied)

	h.fault(failing(400, "UnknownError", -1))
	h.busyFor(0)
	bad = h.set(change.Port, change.Number(1666))
	h.drain(paced)
	h.cancels(bad)
	h.busyFor(time.Hour)
	before := h.sent()
	h.drain(paced)
	h.ends(bad, change.Cancelled)
	if h.sent() != before {
		t.Error("sent after it was cancelled")
	}
	h.queueEmpty()
}

// Merged changes that are refused for now are sent separately in the end.
func TestMergedChangesThatAreRefusedForNowAreSentSeparately(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	bad := h.set(change.ClientIPPool, change.Text("172.16.0.0/24"))
	good := h.set(change.Port, change.Number(1195))
	h.fault(failing(400, "UnknownError", -1))
	for range 60 {
		h.drain(paced)
		h.pass(time.Minute)
		if len(h.Keys(t.Context(), "results/")) > 0 {
			break
		}
	}
	h.ends(bad, change.Failed)
	h.VPC.ClearFaults()
	h.sweeps(7)
	h.ends(good, change.Applied)
	h.queueEmpty()
}

// A gateway that is said to be busy is no failure, however long.
func TestABusyGatewayIsWaitedForUntilTheChangeExpires(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(failing(400, "VpnGateway.Configuring", -1))
	id := h.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, h.Clock.Now().Add(time.Hour)
	})
	brief := func(_ *reconcile.Deps, p *reconcile.Policy) { p.WaitBudget = 0 }
	for range 59 {
		h.drain(paced, brief)
		h.pass(time.Minute)
	}
	h.pending(id)
	h.pass(time.Minute)
	h.drain(paced, brief)
	h.ends(id, change.Expired)
}
