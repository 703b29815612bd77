package handler_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// newFailing is an account in which the API answers the modifications of one server
// with errors, and reads work.
func newFailing(t *testing.T, faults ...vpc.Fault) *harness {
	t.Helper()
	h := newTwoServers(t, people)
	d := reconcile.DefaultPolicy()
	h.policy.FirstPause, h.policy.MaxPause, h.policy.Landing, h.policy.LongPause = d.FirstPause, d.MaxPause, d.Landing, 0
	h.start()
	for i := range faults {
		faults[i].Action, faults[i].Server = "ModifySslVpnServer", "vss-one"
		faults[i].Message = "The request processing has failed due to some unknown error."
	}
	if err := h.VPC.Inject(faults...); err != nil {
		t.Fatal(err)
	}
	return h
}

// minutes drains the lane once a minute, each time in an instance of its own.
func (h *harness) minutes(n int) {
	h.t.Helper()
	for range n {
		h.start()
		h.drain("vss-one")
		h.Clock.Advance(time.Minute)
		h.OSS.Advance(time.Minute)
		h.opts.Skew += time.Minute // deadlines are by the platform's clock
	}
	h.start()
}

func TestAServerWhoseModificationsAlwaysFail(t *testing.T) {
	t.Parallel()
	for code, status := range map[string]int{"UnknownError": 500, "InternalError": 500, "SystemBusy": 503} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			h := newFailing(t, vpc.Fault{Kind: vpc.FaultError, Status: status, Code: code, Times: -1})
			id := h.told(says("apply one port=1195"), 202, "taken").Change.ID
			h.minutes(2)
			if got := h.told(saysIn("en", "status "+id), 200, "shown"); got.Change.Status != "waiting" || got.Change.Cause != "failing" ||
				!strings.Contains(got.Text, code) || !strings.Contains(got.Text, "old settings") {
				t.Errorf("status: %+v", got.Change)
			}
			h.minutes(20)
			calls := h.VPC.Calls("ModifySslVpnServer")
			rec := h.record(id)
			if rec.Status != change.Failed || rec.Error.Code != code || rec.Error.RequestID != calls[len(calls)-1].RequestID ||
				rec.Error.Message != "The request processing has failed due to some unknown error." || rec.Error.Hint == "" {
				t.Errorf("the record is %+v, %+v", rec.Status, rec.Error)
			}
			if len(calls) < 5 || len(calls) > 15 || h.port("vss-one") != 1194 {
				t.Errorf("sent %d times, port %d", len(calls), h.port("vss-one"))
			}
		})
	}
}

// The way out while it fails: cancel, and the change behind it is applied.
func TestCancelAChangeThatFails(t *testing.T) {
	t.Parallel()
	h := newFailing(t, vpc.Fault{Kind: vpc.FaultError, Status: 500, Code: "UnknownError", Times: 3})
	bad := h.told(says("apply one port=1666"), 202, "taken").Change.ID
	h.minutes(2)
	right := h.told(says("apply one port=1195"), 202, "taken").Change.ID
	h.told(says(`cancel `+bad+` reason="wrong port"`), 202, "taken")
	h.VPC.ClearFaults()
	h.minutes(1)
	if rec := h.record(bad); rec.Status != change.Cancelled || !strings.Contains(rec.Error.Message, "wrong port") || len(rec.Attempts) == 0 {
		t.Errorf("the record is %+v, %+v", rec.Status, rec.Error)
	}
	if rec := h.record(right); rec.Status != change.Applied {
		t.Errorf("the change behind it is %s: %+v", rec.Status, rec.Error)
	}
	for _, c := range h.VPC.Calls("ModifySslVpnServer")[2:] {
		if c.Params["Port"] != "1195" {
			t.Errorf("sent after it was cancelled: %v", c.Params)
		}
	}
	h.count("queue/", 0)
}

// An error may come although the modification took effect.
func TestAFailureThatTookEffect(t *testing.T) {
	t.Parallel()
	h := newFailing(t, vpc.Fault{Kind: vpc.FaultError, Status: 500, Code: "UnknownError", Times: -1, Commit: true})
	id := h.told(says("apply one port=1195"), 202, "taken").Change.ID
	h.minutes(3)
	if rec := h.record(id); rec.Status != change.Applied || !rec.Verified || h.port("vss-one") != 1195 {
		t.Errorf("the record is %+v, %+v", rec.Status, rec.Error)
	}
	if n := h.VPC.Snapshot().Effective; n != 1 {
		t.Errorf("%d effective modifications", n)
	}
}
