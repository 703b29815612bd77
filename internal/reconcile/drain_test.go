package reconcile_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

func TestALoneChangeIsAppliedVerifiedAndRecorded(t *testing.T) {
	t.Parallel()
	h := newHarness(t, cloudtest.Configuring(100*time.Millisecond))
	id := h.set(change.Port, change.Number(1195))
	rep := h.drain()
	if rep.Standing != reconcile.Empty || rep.Ended != 1 {
		t.Errorf("the drain reports %+v", rep)
	}
	rec := h.ends(id, change.Applied)
	if !rec.Verified || rec.Error != nil {
		t.Errorf("verified %v, error %+v", rec.Verified, rec.Error)
	}
	if len(rec.Changed) != 1 || rec.Changed[0] != (change.Difference{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}) {
		t.Errorf("changed is %+v", rec.Changed)
	}
	if rec.Before[change.Port] != change.Number(1194) || rec.After[change.Port] != change.Number(1195) {
		t.Errorf("before %v, after %v", rec.Before[change.Port], rec.After[change.Port])
	}
	if rec.GatewayID != "vpn-of-"+h.server.ServerID || rec.ClientToken == "" || len(rec.ClientToken) > 64 {
		t.Errorf("gateway %q, token %q", rec.GatewayID, rec.ClientToken)
	}
	if len(rec.Attempts) != 1 || rec.Attempts[0].Action != "ModifySslVpnServer" || rec.Attempts[0].HTTPStatus != 200 || rec.Attempts[0].RequestID == "" {
		t.Errorf("attempts are %+v", rec.Attempts)
	}
	if rec.Cost.Invocations != 1 || rec.Cost.VPCCalls < 4 || rec.Cost.OSSRequests == 0 {
		t.Errorf("cost is %+v", rec.Cost)
	}
	if h.sent() != 1 || h.port() != 1195 {
		t.Errorf("%d modifications sent, port %d", h.sent(), h.port())
	}
	h.queueEmpty()
}

func TestOnlyWhatDiffersIsSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.submit(func(c *change.Change) {
		c.Patch = change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("UDP"), change.Cipher: change.Text("AES-128-CBC")}
	})
	h.drain()
	h.ends(id, change.Applied)
	sent := h.VPC.Calls("ModifySslVpnServer")[0].Params
	if sent["Port"] != "1195" {
		t.Errorf("Port %q was sent", sent["Port"])
	}
	for _, name := range []string{"Proto", "Cipher", "Name", "Compress", "ClientIpPool", "LocalSubnet"} {
		if v, ok := sent[name]; ok {
			t.Errorf("%s=%q was sent, which did not differ", name, v)
		}
	}
}

func TestAddressFieldsTravelTogether(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.ClientIPPool, change.Text("10.40.0.0/24"))
	h.drain()
	rec := h.ends(id, change.Applied)
	sent := h.VPC.Calls("ModifySslVpnServer")[0].Params
	if sent["ClientIpPool"] != "10.40.0.0/24" || sent["LocalSubnet"] != "10.20.20.0/24" {
		t.Errorf("sent pool %q and subnet %q", sent["ClientIpPool"], sent["LocalSubnet"])
	}
	if len(rec.Changed) != 1 || rec.Changed[0].Field != change.ClientIPPool {
		t.Errorf("changed is %+v: only the pool did", rec.Changed)
	}
}

func TestSettingsThatTheServerHasAreNotSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1194))
	h.drain()
	rec := h.ends(id, change.Unchanged)
	if h.sent() != 0 || len(rec.Changed) != 0 || rec.ClientToken != "" {
		t.Errorf("%d sent, changed %+v, token %q", h.sent(), rec.Changed, rec.ClientToken)
	}
	h.queueEmpty()
}

func TestADryRunShowsTheDifferenceAndSendsNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.submit(func(c *change.Change) {
		c.DryRun, c.Patch = true, change.Patch{change.Port: change.Number(1195)}
	})
	h.drain()
	rec := h.ends(id, change.Planned)
	if h.sent() != 0 || len(rec.Changed) != 1 || rec.Changed[0].To != change.Number(1195) {
		t.Errorf("%d sent, changed %+v", h.sent(), rec.Changed)
	}
}

func TestDueChangesAreMergedIntoOneModification(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	first := h.submit(func(c *change.Change) {
		c.Patch = change.Patch{change.Port: change.Number(1195), change.Cipher: change.Text("AES-256-CBC")}
	})
	second := h.set(change.Port, change.Number(1196))
	third := h.set(change.Compress, change.Flag(true))
	fourth := h.submit(func(c *change.Change) {
		c.Patch, c.Expect = change.Patch{change.Name: change.Text("new")}, change.Patch{change.Port: change.Number(1194)}
	})
	fifth := h.submit(func(c *change.Change) {
		c.Patch, c.Expect = change.Patch{change.Name: change.Text("better")}, change.Patch{change.Port: change.Number(1196)}
	})
	h.drain()
	if h.sent() != 1 {
		t.Errorf("%d modifications for five changes of one server", h.sent())
	}
	a := h.ends(first, change.Applied)
	if a.SupersededBy[change.Port] != second || len(a.Changed) != 1 || a.Changed[0].Field != change.Cipher {
		t.Errorf("the first: superseded by %v, changed %+v", a.SupersededBy, a.Changed)
	}
	if len(a.MergedWith) != 3 {
		t.Errorf("the first was merged with %q", a.MergedWith)
	}
	h.ends(second, change.Applied)
	h.ends(third, change.Applied)
	r := h.ends(fourth, change.Rejected)
	if r.Error == nil || r.Error.Code != "expect-mismatch" || r.Error.Hint == "" {
		t.Errorf("the fourth expected the old port at its turn: %+v", r.Error)
	}
	h.ends(fifth, change.Applied)
	s, _ := h.VPC.Server(h.server.ServerID)
	if s.Port != 1196 || s.Cipher != "AES-256-CBC" || !s.Compress || s.Name != "better" {
		t.Errorf("the server is %+v", s)
	}
	h.queueEmpty()
}

func TestAChangeThatIsSetAgainWhollyIsSuperseded(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	first, second := h.set(change.Port, change.Number(1195)), h.set(change.Port, change.Number(1196))
	h.drain()
	rec := h.ends(first, change.Superseded)
	if rec.SupersededBy[change.Port] != second || len(rec.Changed) != 0 {
		t.Errorf("superseded by %v, changed %+v", rec.SupersededBy, rec.Changed)
	}
	h.ends(second, change.Applied)
}

func TestARefusedMergeIsSentSeparatelySoThatOnlyTheOffenderFails(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.Cipher", Message: "no"})
	good := h.set(change.Port, change.Number(1195))
	bad := h.set(change.Cipher, change.Text("none"))
	last := h.set(change.Port, change.Number(1196))
	// The second of the three that go one by one is refused as well.
	h.fault(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultSlow})
	h.fault(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.Cipher", Message: "no"})
	h.drain()
	if rec := h.ends(good, change.Applied); len(rec.MergedWith) != 0 || len(rec.SupersededBy) != 0 {
		t.Errorf("sent separately, the first is merged with %q and superseded by %v", rec.MergedWith, rec.SupersededBy)
	}
	rec := h.ends(bad, change.Failed)
	if rec.Error.Code != "IllegalParam.Cipher" || rec.Error.Class != "invalid" || rec.Error.Hint == "" || len(rec.Changed) != 0 {
		t.Errorf("the offender's error is %+v, changed %+v", rec.Error, rec.Changed)
	}
	h.ends(last, change.Applied)
	if h.port() != 1196 || h.sent() != 4 {
		t.Errorf("port %d after %d modifications", h.port(), h.sent())
	}
	h.queueEmpty()
}

func TestAnExpiredChangeIsRecordedAndNotSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, h.Clock.Now().Add(-time.Millisecond)
	})
	h.drain()
	rec := h.ends(id, change.Expired)
	if h.sent() != 0 || rec.Error == nil || rec.Error.Code != "Expired" {
		t.Errorf("%d sent, error %+v", h.sent(), rec.Error)
	}
}

func TestAChangeIsNotAppliedBeforeItIsDue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	due := h.Clock.Now().Add(time.Hour).UTC()
	id := h.submit(func(c *change.Change) {
		c.Patch, c.DueAt = change.Patch{change.Port: change.Number(1195)}, due
	})
	rep := h.drain()
	if rep.Standing != reconcile.Empty || !rep.Next.Equal(due.Truncate(time.Millisecond)) {
		t.Errorf("the drain reports %+v", rep)
	}
	h.pending(id)
	_, pos, err := h.reconciler().Find(t.Context(), id)
	if err != nil || pos == nil || pos.Status != change.Waiting || !pos.Next.Equal(due) {
		t.Errorf("its position is %+v, %v", pos, err)
	}
	h.Clock.Advance(time.Hour)
	h.drain()
	h.ends(id, change.Applied)
}

func TestAnUnknownServerFailsWithAHint(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.server.ServerID = "vss-nosuchserver"
	id := h.set(change.Port, change.Number(1195))
	h.drain()
	rec := h.ends(id, change.Failed)
	if rec.Error.Class != "invalid" || rec.Error.Code != "InvalidSslVpnServerId.NotFound" || rec.Error.Hint == "" {
		t.Errorf("error is %+v", rec.Error)
	}
	h.queueEmpty()
}

func TestADamagedEntryEndsWithARecordThatSaysSo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	if err := h.Store.Put(t.Context(), h.Keys(t.Context(), "queue/")[0], []byte("{garbage")); err != nil {
		t.Fatal(err)
	}
	h.drain()
	rec := h.ends(id, change.Failed)
	if rec.Error == nil || rec.Error.Code != "entry-unreadable" || h.sent() != 0 {
		t.Errorf("error is %+v, %d sent", rec.Error, h.sent())
	}
	h.queueEmpty()
}

func TestAnEntryThatComesBackAfterItsRecordIsDropped(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	same := func(c *change.Change) {
		c.Patch, c.Identity = change.Patch{change.Port: change.Number(1195)}, "the same"
		c.AcceptedAt = time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)
		c.DueAt = c.AcceptedAt
	}
	id := h.submit(same)
	h.drain()
	before := h.ends(id, change.Applied)
	if err := h.VPC.UpdateServer(h.server.ServerID, func(s *vpc.Server) { s.Port = 1200 }); err != nil {
		t.Fatal(err)
	}
	h.submit(same)
	h.drain()
	if h.sent() != 1 || h.port() != 1200 {
		t.Errorf("the change was applied again: %d sent, port %d", h.sent(), h.port())
	}
	if after := h.record(id); after.FinishedAt != before.FinishedAt {
		t.Error("the record was written again")
	}
	h.queueEmpty()
}
