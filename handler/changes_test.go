package handler_test

import (
	"context"
	"crypto/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const twoServers = "changes:\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1195}\n" +
	"  - {RegionId: cn-hangzhou, SslVpnServerId: vss-two, Port: 1196}\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Name: hotel}\n"

func TestADocumentIsAcceptedAndItsLanesAreWoken(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ids := h.accepted(post("/v1/changes", twoServers))
	if len(ids) != 3 {
		t.Fatalf("the ids are %q", ids)
	}
	h.count("queue/", 3)
	h.count("claims/", 2) // of the webhook-id, and of the document
	if got := h.Keys(t.Context(), "wake/"); !slices.Equal(got, []string{"wake/cn-hangzhou/vss-one", "wake/cn-hangzhou/vss-two"}) {
		t.Errorf("the wake objects are %q", got)
	}
	if h.sent() != 0 {
		t.Error("an answer without Prefer: wait leaves the work to the drains")
	}
}

func TestTheSameRequestAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	first := h.ask(again(post("/v1/changes", twoServers)), 202)
	h.Clock.Advance(time.Hour)
	if repeated := h.ask(again(post("/v1/changes", twoServers)), 202); repeated.Body != first.Body {
		t.Errorf("first %s, again %s", first.Body, repeated.Body)
	}
	h.count("queue/", 3)
	p := h.problem(again(post("/v1/changes", setPort)), 409, "conflict")
	if len(p.Problems) != 1 || p.Problems[0].Rule != "webhook-id-reused" {
		t.Errorf("the problems are %+v", p.Problems)
	}
	h.count("queue/", 3)
}

func TestATokenUsedForOtherSettings(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	first := h.accepted(post("/v1/changes", setPort+"ClientToken: mine\n"))
	if repeated := h.accepted(post("/v1/changes", setPort+"ClientToken: mine\n")); !slices.Equal(first, repeated) {
		t.Errorf("first %q, again %q", first, repeated)
	}
	p := h.problem(post("/v1/changes", strings.Replace(setPort, "1195", "1196", 1)+"ClientToken: mine\n"), 422, "invalid")
	if len(p.Problems) != 1 || p.Problems[0].Rule != "token-reused" {
		t.Errorf("the problems are %+v", p.Problems)
	}
	h.count("queue/", 1)
}

func TestPreferWaitAnswersWithTheRecords(t *testing.T) {
	t.Parallel()
	for _, prefer := range []string{"wait=20", "wait=60", "wait=3600", "wait=99999999999999999999", "respond-async, Wait = \"30\"; x=y"} {
		t.Run(prefer, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, cloudtest.Configuring(30*time.Millisecond))
			h.Server("vss-one")
			h.Server("vss-two")
			c := again(post("/v1/changes", twoServers).with("Prefer", prefer))
			a := h.ask(c, 200)
			var body struct{ Changes []record.Record }
			decode(t, a.Body, &body)
			if len(body.Changes) != 3 {
				t.Fatalf("answered %s", a.Body)
			}
			for i, rec := range body.Changes {
				if rec.Status != change.Applied || !rec.Verified || rec.Schema != record.Schema || !reflect.DeepEqual(rec, h.record(rec.ID)) {
					t.Errorf("record %d is %+v", i+1, rec)
				}
			}
			if body.Changes[1].ServerID != "vss-two" || h.sent() != 2 {
				t.Errorf("the second is of %s, %d modifications were sent", body.Changes[1].ServerID, h.sent())
			}
			if got := a.Headers["Preference-Applied"]; got != "wait=20" && got != "wait=30" && got != "wait=60" {
				t.Errorf("Preference-Applied is %q", got)
			}
			h.count("wake/", 0)
			h.count("queue/", 0)
			if repeated := h.ask(c, 200); repeated.Body != a.Body || h.sent() != 2 {
				t.Errorf("again: %d modifications, %s", h.sent(), repeated.Body)
			}
		})
	}
}

func TestPreferencesThatAskForNoWait(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	for _, prefer := range []string{"", "wait", "wait=", "wait=0", "wait=-1", "wait=soon", "wait=1.5", "waits=5", "respond-async", ";,=,;wait", "wait=-99999999999999999999"} {
		h.accepted(post("/v1/changes", setPort).with("Prefer", prefer))
	}
	if h.sent() != 0 {
		t.Errorf("%d modifications were sent", h.sent())
	}
}

func TestPreferWaitOfABusyGatewayEndsWithAccepted(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	if err := h.VPC.Busy("vpn-of-vss-one", time.Hour); err != nil {
		t.Fatal(err)
	}
	a := h.ask(again(post("/v1/changes", setPort).with("Prefer", "respond-async, wait=1")), 202)
	ids := h.ids(a)
	if a.Headers["Preference-Applied"] != "wait=1" {
		t.Errorf("Preference-Applied is %q", a.Headers["Preference-Applied"])
	}
	h.count("wake/", 1)
	h.count("results/", 0)
	if h.sent() != 0 {
		t.Errorf("%d modifications were sent to a busy gateway", h.sent())
	}
	var pos struct{ ID, Status, Why, AcceptedAt, NextAttemptAt string }
	decode(t, h.ask(get("/v1/changes/"+ids[0]), 200).Body, &pos)
	if pos.ID != ids[0] || pos.Status != "waiting" || !strings.Contains(pos.Why, "updating") || pos.AcceptedAt == "" || pos.NextAttemptAt == "" {
		t.Errorf("its position is %+v", pos)
	}
	if err := h.VPC.UpdateGateway("vpn-of-vss-one", func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} }); err != nil {
		t.Fatal(err)
	}
	h.ask(again(post("/v1/changes", setPort).with("Prefer", "wait=20")), 200)
}

// The client said how long it waits: a lane that comes free late must not take
// that long once more.
func TestEachLookHasOnlyTheTimeThatIsLeft(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	one := h.Server("vss-one")
	var budgets []time.Duration
	open := h.fn.Open
	h.opening(func(ctx context.Context, inv handler.Invocation) (handler.Services, error) {
		s, err := open(ctx, inv)
		next := s.Reconciler
		s.Reconciler = func(budget time.Duration) *reconcile.Reconciler {
			budgets = append(budgets, budget)
			return next(budget)
		}
		return s, err
	})
	worker := lane.Worker{Store: h.Store, Owner: "another", Now: h.Clock.Now, Nonce: rand.Text}
	if _, err := lane.Open(worker, one).Acquire(t.Context(), lane.Head{}, time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	h.ids(h.ask(post("/v1/changes", setPort).with("Prefer", "wait=2"), 202))
	if len(budgets) < 2 || budgets[0] > 2*time.Second {
		t.Fatalf("the looks had %v", budgets)
	}
	for i := 1; i < len(budgets); i++ {
		if budgets[i] < 0 || budgets[i] >= budgets[i-1] {
			t.Errorf("the looks had %v", budgets)
		}
	}
}

func TestThePositionOfAChange(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	later := h.Clock.Now().Add(time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
	queued := h.accepted(post("/v1/changes", setPort))[0]
	waiting := h.accepted(post("/v1/changes", setPort+"notBefore: "+later+"\n"))[0]
	for id, want := range map[string]string{queued: "queued queued", waiting: "waiting not before " + later} {
		var pos struct{ ID, Status, Why, AcceptedAt, NextAttemptAt string }
		decode(t, h.ask(get("/v1/changes/"+id), 200).Body, &pos)
		if pos.ID != id || pos.Status+" "+pos.Why != want || pos.AcceptedAt == "" || pos.NextAttemptAt == "" {
			t.Errorf("its position is %+v, want %s", pos, want)
		}
	}
	h.ask(post("/v1/changes", strings.Replace(setPort, "1195", "1197", 1)).with("Prefer", "wait=20"), 200)
	var rec record.Record
	decode(t, h.ask(get("/v1/changes/"+queued+"/"), 200).Body, &rec)
	if rec.ID != queued || rec.Status != change.Superseded {
		t.Errorf("the record is %+v", rec)
	}
	h.count("claims/", 9) // one for each request, and one for each document
}

func TestOddIDsAreNoChanges(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.accepted(post("/v1/changes", twoServers))[1]
	for _, odd := range []string{
		"x", "2", id[len("20261122-"):], "0002-" + id, id + ".json", strings.ToUpper(id), id + "0", id[:len(id)-2], "..", "%2e", "a b", "变更",
		strings.Repeat("a", 2000), "20261322-aaaaaaaaaa", "\x00", "*", id + "\n",
	} {
		h.problem(get("/v1/changes/"+odd), 404, "no-change")
	}
	h.ask(get("/v1/changes/"+id), 200)
}
