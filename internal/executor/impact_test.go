package executor_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
)

// connect gives a server clients, with certificates whose keys must not leave the API.
func (r *harness) connect(t change.Target, names ...string) {
	r.t.Helper()
	c := vpc.Clients{ServerID: t.ServerID}
	for _, name := range names {
		id := "vsc-" + name + "1"
		c.Clients = append(c.Clients, vpc.Client{Certificate: id, User: "user-of-" + name, IP: "198.51.100.77"})
		if err := r.VPC.AddCertificate(vpc.Certificate{ID: id, ServerID: t.ServerID, Name: name, Key: "private-key-of-" + name}); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := r.VPC.SetClients(c); err != nil {
		r.t.Fatal(err)
	}
}

// TestEveryPlanSaysWhoIsConnected: the plan of a command, of a change that waits for
// approval, of its status, and of the answer to an approval without a code.
func TestEveryPlanSaysWhoIsConnected(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.connect(r.office, "laptop", "phone")
	check(t, "plan", r.says("mei", "plan office port=1195").Plan)
	ans := r.accepted("mei", "apply office port=1195")
	id := ans.Change.ID
	check(t, "apply", ans.Plan)
	check(t, "status", r.says("jun", "status "+id).Plan)
	check(t, "approve", r.says("jun", "approve "+id).Plan)
}

func check(t *testing.T, line string, p *executor.Plan) {
	t.Helper()
	if p == nil || p.Impact == nil {
		t.Fatalf("%s: no impact: %+v", line, p)
	}
	got := p.Impact
	if got.Class != impact.NewFile || got.Connected == nil || *got.Connected != 2 || got.MaxConnections != 5 || len(got.Unknown) != 0 {
		t.Errorf("%s: %+v", line, got)
	}
	if !slices.Equal(got.IDs(), []string{"vsc-laptop1", "vsc-phone1"}) || got.Certificates[0].Name != "laptop" {
		t.Errorf("%s: certificates %+v", line, got.Certificates)
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"private-key", "user-of", "198.51.100"} {
		if strings.Contains(string(data), secret) {
			t.Errorf("%s: the answer has %s", line, secret)
		}
	}
}

// TestTheRecordOfACommandNamesItsCertificates by their ids alone.
func TestTheRecordOfACommandNamesItsCertificates(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.connect(r.test, "laptop", "phone")
	ans := r.accepted("mei", "apply test port=1195")
	r.drain(r.test)
	rec := r.says("mei", "status "+ans.Change.ID).Record
	if rec == nil || rec.Impact == nil {
		t.Fatalf("record = %+v", rec)
	}
	if got := rec.Impact; got.Class != impact.NewFile || *got.Connected != 2 || !slices.Equal(got.Certificates, []string{"vsc-laptop1", "vsc-phone1"}) {
		t.Errorf("impact = %+v", got)
	}
}

// TestACommandIsAnsweredInTime: reads that inform people never hold up an answer.
func TestACommandIsAnsweredInTime(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.connect(r.test, "laptop")
	for _, action := range []string{vpc.DescribeSslVpnClientCerts, vpc.DescribeVpnGateway} {
		if err := r.VPC.Inject(vpc.Fault{Action: action, Kind: vpc.FaultHang, Times: -1}); err != nil {
			t.Fatal(err)
		}
	}
	p := r.says("mei", "plan test port=1195").Plan
	if p == nil || len(p.Changed) != 1 || p.Unseen != nil || len(p.Impact.Unknown) != 2 || *p.Impact.Connected != 1 {
		t.Fatalf("plan = %+v", p)
	}
	for _, u := range p.Impact.Unknown {
		if u.Why != impact.TooLate {
			t.Errorf("unknown = %+v", u)
		}
	}
}
