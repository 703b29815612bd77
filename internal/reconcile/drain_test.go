package reconcile_test

import (
	"testing"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/cloudtest"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/reconcile"
)

func TestALoneChangeIsAppliedVerifiedAndRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t, cloudtest.Configuring(100*time.Millisecond))
	id := b.set(change.Port, change.Number(1195))
	rep := b.drain()
	if rep.Standing != reconcile.Empty || rep.Ended != 1 {
		t.Errorf("the drain reports %+v", rep)
	}
	rec := b.ends(id, change.Applied)
	if !rec.Verified || rec.Error != nil {
		t.Errorf("verified %v, error %+v", rec.Verified, rec.Error)
	}
	if len(rec.Changed) != 1 || rec.Changed[0] != (change.Difference{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}) {
		t.Errorf("changed is %+v", rec.Changed)
	}
	if rec.Before[change.Port] != change.Number(1194) || rec.After[change.Port] != change.Number(1195) {
		t.Errorf("before %v, after %v", rec.Before[change.Port], rec.After[change.Port])
	}
	if rec.GatewayID != "vpn-of-"+b.server.ServerID || rec.ClientToken == "" || len(rec.ClientToken) > 64 {
		t.Errorf("gateway %q, token %q", rec.GatewayID, rec.ClientToken)
	}
	if len(rec.Attempts) != 1 || rec.Attempts[0].Action != "ModifySslVpnServer" || rec.Attempts[0].HTTPStatus != 200 || rec.Attempts[0].RequestID == "" {
		t.Errorf("attempts are %+v", rec.Attempts)
	}
	if rec.Cost.Invocations != 1 || rec.Cost.VPCCalls < 4 || rec.Cost.OSSRequests == 0 {
		t.Errorf("cost is %+v", rec.Cost)
	}
	if b.sent() != 1 || b.port() != 1195 {
		t.Errorf("%d modifications sent, port %d", b.sent(), b.port())
	}
	b.lineEmpty()
}

func TestOnlyWhatDiffersIsSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.submit(func(c *change.Change) {
		c.Patch = change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("UDP"), change.Cipher: change.Text("AES-128-CBC")}
	})
	b.drain()
	b.ends(id, change.Applied)
	sent := b.VPC.Calls("ModifySslVpnServer")[0].Params
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
	b := newBench(t)
	id := b.set(change.ClientIPPool, change.Text("10.40.0.0/24"))
	b.drain()
	rec := b.ends(id, change.Applied)
	sent := b.VPC.Calls("ModifySslVpnServer")[0].Params
	if sent["ClientIpPool"] != "10.40.0.0/24" || sent["LocalSubnet"] != "10.20.20.0/24" {
		t.Errorf("sent pool %q and subnet %q", sent["ClientIpPool"], sent["LocalSubnet"])
	}
	if len(rec.Changed) != 1 || rec.Changed[0].Field != change.ClientIPPool {
		t.Errorf("changed is %+v: only the pool did", rec.Changed)
	}
}

func TestWhatIsSoAlreadyIsNotSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1194))
	b.drain()
	rec := b.ends(id, change.Unchanged)
	if b.sent() != 0 || len(rec.Changed) != 0 || rec.ClientToken != "" {
		t.Errorf("%d sent, changed %+v, token %q", b.sent(), rec.Changed, rec.ClientToken)
	}
	b.lineEmpty()
}

func TestADryRunShowsTheDifferenceAndSendsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.submit(func(c *change.Change) {
		c.DryRun, c.Patch = true, change.Patch{change.Port: change.Number(1195)}
	})
	b.drain()
	rec := b.ends(id, change.Planned)
	if b.sent() != 0 || len(rec.Changed) != 1 || rec.Changed[0].To != change.Number(1195) {
		t.Errorf("%d sent, changed %+v", b.sent(), rec.Changed)
	}
}

func TestDueChangesAreMergedIntoOneModification(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.submit(func(c *change.Change) {
		c.Patch = change.Patch{change.Port: change.Number(1195), change.Cipher: change.Text("AES-256-CBC")}
	})
	second := b.set(change.Port, change.Number(1196))
	third := b.set(change.Compress, change.Flag(true))
	fourth := b.submit(func(c *change.Change) {
		c.Patch, c.Expect = change.Patch{change.Name: change.Text("new")}, change.Patch{change.Port: change.Number(1194)}
	})
	fifth := b.submit(func(c *change.Change) {
		c.Patch, c.Expect = change.Patch{change.Name: change.Text("better")}, change.Patch{change.Port: change.Number(1196)}
	})
	b.drain()
	if b.sent() != 1 {
		t.Errorf("%d modifications for five changes of one server", b.sent())
	}
	a := b.ends(first, change.Applied)
	if a.SupersededBy[change.Port] != second || len(a.Changed) != 1 || a.Changed[0].Field != change.Cipher {
		t.Errorf("the first: superseded by %v, changed %+v", a.SupersededBy, a.Changed)
	}
	if len(a.MergedWith) != 3 {
		t.Errorf("the first was merged with %q", a.MergedWith)
	}
	b.ends(second, change.Applied)
	b.ends(third, change.Applied)
	r := b.ends(fourth, change.Rejected)
	if r.Error == nil || r.Error.Code != "expect-mismatch" || r.Error.Hint == "" {
		t.Errorf("the fourth expected the old port at its turn: %+v", r.Error)
	}
	b.ends(fifth, change.Applied)
	s, _ := b.VPC.Server(b.server.ServerID)
	if s.Port != 1196 || s.Cipher != "AES-256-CBC" || !s.Compress || s.Name != "better" {
		t.Errorf("the server is %+v", s)
	}
	b.lineEmpty()
}

func TestAChangeThatIsSetAgainWhollyIsSuperseded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first, second := b.set(change.Port, change.Number(1195)), b.set(change.Port, change.Number(1196))
	b.drain()
	rec := b.ends(first, change.Superseded)
	if rec.SupersededBy[change.Port] != second || len(rec.Changed) != 0 {
		t.Errorf("superseded by %v, changed %+v", rec.SupersededBy, rec.Changed)
	}
	b.ends(second, change.Applied)
}

func TestARefusedMergeIsTakenApartSoThatOnlyTheOffenderFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.Cipher", Message: "no"})
	good := b.set(change.Port, change.Number(1195))
	bad := b.set(change.Cipher, change.Text("none"))
	last := b.set(change.Port, change.Number(1196))
	// The second of the three that go one by one is refused as well.
	b.fault(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultSlow})
	b.fault(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.Cipher", Message: "no"})
	b.drain()
	if rec := b.ends(good, change.Applied); len(rec.MergedWith) != 0 || len(rec.SupersededBy) != 0 {
		t.Errorf("taken apart, the first is merged with %q and superseded by %v", rec.MergedWith, rec.SupersededBy)
	}
	rec := b.ends(bad, change.Failed)
	if rec.Error.Code != "IllegalParam.Cipher" || rec.Error.Class != "invalid" || rec.Error.Hint == "" || len(rec.Changed) != 0 {
		t.Errorf("the offender's error is %+v, changed %+v", rec.Error, rec.Changed)
	}
	b.ends(last, change.Applied)
	if b.port() != 1196 || b.sent() != 4 {
		t.Errorf("port %d after %d modifications", b.port(), b.sent())
	}
	b.lineEmpty()
}

func TestAnExpiredChangeIsRecordedAndNotSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.submit(func(c *change.Change) {
		c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, b.Clock.Now().Add(-time.Millisecond)
	})
	b.drain()
	rec := b.ends(id, change.Expired)
	if b.sent() != 0 || rec.Error == nil || rec.Error.Code != "Expired" {
		t.Errorf("%d sent, error %+v", b.sent(), rec.Error)
	}
}

func TestAChangeIsNotAppliedBeforeItIsDue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	due := b.Clock.Now().Add(time.Hour).UTC()
	id := b.submit(func(c *change.Change) {
		c.Patch, c.DueAt = change.Patch{change.Port: change.Number(1195)}, due
	})
	rep := b.drain()
	if rep.Standing != reconcile.Empty || !rep.Next.Equal(due.Truncate(time.Millisecond)) {
		t.Errorf("the drain reports %+v", rep)
	}
	b.pending(id)
	_, pos, err := b.reconciler().Find(t.Context(), id)
	if err != nil || pos == nil || pos.Status != change.Waiting || !pos.Next.Equal(due) {
		t.Errorf("its position is %+v, %v", pos, err)
	}
	b.Clock.Advance(time.Hour)
	b.drain()
	b.ends(id, change.Applied)
}

func TestAnUnknownServerFailsWithTheWayOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.server.ServerID = "vss-nosuchserver"
	id := b.set(change.Port, change.Number(1195))
	b.drain()
	rec := b.ends(id, change.Failed)
	if rec.Error.Class != "invalid" || rec.Error.Code != "InvalidSslVpnServerId.NotFound" || rec.Error.Hint == "" {
		t.Errorf("error is %+v", rec.Error)
	}
	b.lineEmpty()
}

func TestADamagedEntryEndsWithARecordThatSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	if err := b.Store.Put(t.Context(), b.Keys(t.Context(), "queue/")[0], []byte("{garbage")); err != nil {
		t.Fatal(err)
	}
	b.drain()
	rec := b.ends(id, change.Failed)
	if rec.Error == nil || rec.Error.Code != "entry-unreadable" || b.sent() != 0 {
		t.Errorf("error is %+v, %d sent", rec.Error, b.sent())
	}
	b.lineEmpty()
}

func TestAnEntryThatComesBackAfterItsRecordIsDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	same := func(c *change.Change) {
		c.Patch, c.Identity = change.Patch{change.Port: change.Number(1195)}, "the same"
		c.AcceptedAt = time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)
		c.DueAt = c.AcceptedAt
	}
	id := b.submit(same)
	b.drain()
	before := b.ends(id, change.Applied)
	if err := b.VPC.UpdateServer(b.server.ServerID, func(s *vpc.Server) { s.Port = 1200 }); err != nil {
		t.Fatal(err)
	}
	b.submit(same)
	b.drain()
	if b.sent() != 1 || b.port() != 1200 {
		t.Errorf("the change was applied again: %d sent, port %d", b.sent(), b.port())
	}
	if after := b.record(id); after.FinishedAt != before.FinishedAt {
		t.Error("the record was written again")
	}
	b.lineEmpty()
}
