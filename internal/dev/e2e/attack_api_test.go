package e2e_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// more adds servers vss-more0, vss-more1, …, each with a gateway of its own.
func (h *harness) more(t *testing.T, n int, edit func(i int, s *vpc.Server)) []string {
	t.Helper()
	var ids []string
	for i := range n {
		s := vpc.Server{
			RegionID: region, ID: "vss-more" + strconv.Itoa(i), Name: "more" + strconv.Itoa(i), ClientIPPool: "10.30.30.0/24", LocalSubnet: "10.20.20.0/24",
			Proto: "UDP", Port: 1194,
		}
		if edit != nil {
			edit(i, &s)
		}
		if err := h.VPC().AddServer(s); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, s.ID)
	}
	return ids
}

// portOfEach is a document that sets the port of each server.
func portOfEach(servers []string) string {
	var b strings.Builder
	b.WriteString("changes:\n")
	for _, id := range servers {
		fmt.Fprintf(&b, "  - {RegionId: %s, SslVpnServerId: %s, Port: 1195}\n", region, id)
	}
	return b.String()
}

// recordOf is the record of the last change of a server.
func (h *harness) recordOf(t *testing.T, server string) (found record.Record) {
	t.Helper()
	records, err := h.records()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if r.ServerID == server && r.AcceptedAt.After(found.AcceptedAt) {
			found = r
		}
	}
	return found
}

// A refusal that is over soon, by its code or by its message, ends no change. Any
// other refusal does.
func TestAttackRefusalsThatAreOverSoon(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	faults := []vpc.Fault{
		{Status: 400, Code: "SystemBusy", Message: "The system is busy, please try again later."},
		{Status: 400, Code: "OperationFailed.DistibuteLock", Message: "m"},
		{Status: 400, Code: "IncorrectStatus.VpnGateway", Message: "m"},
		{Status: 409, Code: "Conflict.NobodyKnows", Message: "Another operation is running. Please try  again later."},
		{Status: 400, Code: "LastTokenProcessing", Message: "m"},
		{Status: 400, Code: "QuotaExceeded.VpnRouteEntry", Message: "m"},
	}
	servers := h.more(t, len(faults), nil)
	for i, f := range faults {
		f.Kind, f.Action, f.Server = vpc.FaultError, vpc.ModifySslVpnServer, servers[i]
		if err := h.VPC().Inject(f); err != nil {
			t.Fatal(err)
		}
	}
	h.accepts(t, "busy", portOfEach(servers))
	eventually(t, "every change has ended", func() bool { return len(h.keys("results/")) == len(servers) })
	for i, server := range servers {
		want := change.Applied
		if strings.HasPrefix(faults[i].Code, "Quota") {
			want = change.Failed
		}
		if r := h.recordOf(t, server); r.Status != want {
			t.Errorf("%s: %s, %+v", faults[i].Code, r.Status, r.Error)
		}
	}
}

// A setting that cannot go back does not block the others: a server's old name that
// the rules for new names refuse.
func TestAttackAnUndoThatOneSettingBlocks(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	old := []string{"Office VPN", "", "http-old", "办公 VPN"}
	servers := a.more(t, len(old), func(i int, s *vpc.Server) { s.Name = old[i] })
	for i, server := range servers {
		done := a.ask("bot", "do-"+strconv.Itoa(i), "apply "+region+"/"+server+" name=vpn-office proto=TCP port=1195")
		a.ends(2*i + 1)
		if got := a.ask("bot", "undo-"+strconv.Itoa(i), "rollback "+done.Change.ID+` reason="clients cannot connect"`); got.status != http.StatusAccepted && got.status != http.StatusOK {
			t.Fatalf("%q: answered %d %s", old[i], got.status, got.body)
		}
		a.ends(2*i + 2)
		s, _ := a.VPC().Server(server)
		if s.Proto != "UDP" || s.Port != 1194 || old[i] != "" && s.Name != old[i] {
			t.Errorf("%q: the server has %s, %d and the name %q", old[i], s.Proto, s.Port, s.Name)
		}
	}
}

// A rule of the API that concerns several settings is kept, although the document
// alone does not break it: no modification is sent.
func TestAttackMultiFactorWithoutAnApplication(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	const doc = "reason: move two-factor sign-in to EIAM 2.0\nchanges:\n  - RegionId: cn-hangzhou\n    SslVpnServerId: " + serverID +
		"\n    EnableMultiFactorAuth: true\n    IDaaSInstanceId: idaas_vtnz5q3zpwyw2xlqxrmgnytcfa\n    IDaaSRegionId: cn-hangzhou\n"
	if got := h.gets(t, "POST", "/v1/plans", "eiam-plan", doc); !strings.Contains(got.body, "IDaaSApplicationId") {
		t.Errorf("the plan: answered %d %s", got.status, got.body)
	}
	h.drop(t, "changes/eiam.yaml", doc)
	eventually(t, "the change has ended", func() bool { return len(h.keys("results/")) == 1 })
	if r := h.recordOf(t, serverID); r.Status != change.Rejected || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, "IDaaSApplicationId") {
		t.Errorf("recorded %s %+v", r.Status, r.Problems)
	}
	if n := len(h.VPC().Calls(vpc.ModifySslVpnServer)); n != 0 {
		t.Errorf("%d modifications were sent", n)
	}
}

// hostileReplies are replies of 1 MiB that cost much to decode.
func hostileReplies() []string {
	fill := func(head, unit, tail string) string {
		return head + strings.Repeat(unit, (1<<20-len(head)-len(tail))/len(unit)) + tail
	}
	return []string{
		fill(`{"a":`, `[`, ``), fill(`{"a":[{}`, `,{}`, `]}`), fill(`{"":[]`, `,"":[]`, `}`), fill(`{"a":[1`, `,1`, `]}`),
		fill(`<a>`, `<b/>`, `</a>`), fill(`<a`, ` b=""`, `/>`), fill(`{"a":"`, `\u0041`, `"}`),
	}
}

// Replies of an API that is not the API are decoded within a budget, for as many
// lanes at once as an instance drains, and the changes wait.
func TestAttackLargeRepliesOfTheAPI(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	replies := hostileReplies()
	api := newBetween(t, func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte(replies[n.Add(1)%int64(len(replies))]))
		return true
	})
	h := start(t, func(o *localcloud.Options) {
		o.MaxInstances, o.Env = 1, []string{"VPC_ENDPOINT=" + api.URL, "WAIT_BUDGET=0s"}
	})
	servers := h.more(t, 8, nil)
	h.accepts(t, "large", portOfEach(servers))
	for range 3 {
		h.sweep(t)
	}
	if len(h.keys("results/")) != 0 || len(h.keys("queue/")) != len(servers) || n.Load() < 8 {
		t.Errorf("%d hostile replies, recorded %q, queued %q", n.Load(), h.keys("results/"), h.keys("queue/"))
	}
	h.peakBelow(t, 96<<20)
}
