package e2e_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// A mistyped time does not mean now: a time in the past is refused by every channel.
func TestAttackATimeInThePast(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	for n, at := range []string{"2025-01-01T02:00Z", time.Now().In(time.FixedZone("", 8*60*60)).Add(-4 * time.Hour).Format(time.RFC3339)} {
		id := strconv.Itoa(n)
		for i, line := range []string{"apply test port=1451 at=" + at, "plan test port=1451 at=" + at, "apply office port=1451 at=" + at} {
			if got := a.ask("bot", "line-"+id+strconv.Itoa(i), line); got.status != http.StatusUnprocessableEntity || len(got.Problems) != 1 || got.Problems[0].Rule != change.RuleNotBeforeInPast {
				t.Errorf("%s: answered %d %s", line, got.status, got.body)
			}
		}
		if n == 0 {
			at = "2025-01-01T02:00:00Z"
		}
		doc := "notBefore: '" + at + "'\n" + single(1451)
		for _, path := range []string{"/v1/changes", "/v1/plans"} {
			if got := a.do(a.signed("bot", "POST", path, "doc-"+id+path[4:5], doc)); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, change.RuleNotBeforeInPast) {
				t.Errorf("%s: answered %d %s", path, got.status, got.body)
			}
		}
		a.drop(t, "changes/"+id+".yaml", doc)
		for name, f := range chattest.Fixtures() {
			for i, form := range f.Forms {
				s := message(100*n+i+1, "apply test port=1451 at="+at)
				if got := a.do(of(name, form.Request(s))); got.status != http.StatusOK {
					t.Errorf("%s, %s: answered %d %s", name, form.Name, got.status, got.body)
				}
			}
		}
	}
	a.queued(0)
	a.sent(0)
	receipts, err := a.receipts()
	if err != nil || len(receipts) != 2 || len(receipts[0].Changes)+len(receipts[1].Changes) != 0 || receipts[0].Problems[0].Rule != change.RuleNotBeforeInPast {
		t.Errorf("receipts %+v, %v", receipts, err)
	}
	if got := a.ask("bot", "now", "apply test port=1451 at=now"); got.status != http.StatusAccepted || !strings.Contains(got.Text, "now") {
		t.Errorf("at=now: answered %d %s", got.status, got.body)
	}
	a.ends(1)
}

// A modification that the API answers with an error for good is not sent again and
// again, and can be cancelled. Other lanes go on.
func TestAttackAModificationThatFailsForGood(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, func(o *localcloud.Options) { o.Env = append(o.Env, "WAIT_BUDGET=4s") })
	bad := a.more(t, 1, nil)[0]
	err := a.VPC().Inject(vpc.Fault{
		Action: vpc.ModifySslVpnServer, Server: bad, Kind: vpc.FaultError, Times: -1, Status: http.StatusInternalServerError,
		Code: "UnknownError", Message: "The request processing has failed due to some unknown error.",
	})
	if err != nil {
		t.Fatal(err)
	}
	asked := a.ask("bot", "bad", "apply "+region+"/"+bad+" port=1195")
	a.ask("bot", "good", "apply test port=1196")
	a.ends(1)
	for range 20 {
		a.sweep(t)
	}
	sent := 0
	for _, call := range a.VPC().Calls(vpc.ModifySslVpnServer) {
		if call.Params["SslVpnServerId"] == bad {
			sent++
		}
	}
	if sent < 1 || sent > 5 {
		t.Errorf("%d modifications were sent", sent)
	}
	if got := a.ask("bot", "status", "status "+asked.Change.ID); !strings.Contains(got.Text, "UnknownError") {
		t.Errorf("the status is %s", got.body)
	}
	if got := a.ask("bot", "cancel", "cancel "+asked.Change.ID); got.status != http.StatusOK && got.status != http.StatusAccepted {
		t.Errorf("cancel: answered %d %s", got.status, got.body)
	}
}
