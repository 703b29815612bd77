package localcloud_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// A server answers probes where the API says that it is, before and after a
// modification.
func TestServersAnswerProbes(t *testing.T) {
	t.Parallel()
	key := vpc.Credential{AccessKeyID: "key", AccessKeySecret: "secret"}
	modified := make(chan struct{}, 1)
	c := start(t, func(o *localcloud.Options) {
		o.TuneVPC = func(o *vpc.Options) {
			o.Credentials = append(o.Credentials, key)
			o.After = func(vpc.Call) { modified <- struct{}{} }
		}
	})
	id := localcloud.Servers()[0].ID
	find := func() probe.Outcome {
		s, _ := c.VPC().Server(id)
		return probe.New().Probe(t.Context(), probe.Target{Address: s.InternetIP, Port: s.Port, TCP: s.Proto == "TCP"}, probe.Rule{Loopback: true})
	}
	if got := find(); got.Reason == probe.NoRoute {
		t.Skip("this system has one loopback address only")
	} else if got.Result != probe.Listening {
		t.Fatalf("before: %+v", got)
	}
	client, err := sslvpn.New(sslvpn.Config{Endpoint: c.VPCURL()})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	api := client.In(change.Regions{}.With(localcloud.Region)).With(sslvpn.Credentials{AccessKeyID: key.AccessKeyID, AccessKeySecret: secret.New(key.AccessKeySecret)}, nil)
	_, err = api.ModifyServer(t.Context(), sslvpn.Modification{
		Target: change.Target{RegionID: localcloud.Region, ServerID: id}, ClientToken: "one", Patch: change.Patch{"Port": change.Number(1195)},
	})
	if err != nil {
		t.Fatal(err)
	}
	<-modified // the hook of the test is called, too
	if got := find(); got.Result != probe.Listening {
		t.Errorf("after: %+v", got)
	}
	s, _ := c.VPC().Server(id)
	address := strings.TrimSuffix(s.InternetIP, ".10") + ".99"
	added := fmt.Sprintf(`[{"regionId":"cn-hangzhou","sslVpnServerId":"vss-new","clientIpPool":"10.60.0.0/24","localSubnet":"10.61.0.0/24","internetIp":%q}]`, address)
	if status, body := get(t, "POST", c.VPCURL()+"/local/vpc/servers", added); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, body)
	}
	id = "vss-new"
	if got := find(); got.Result != probe.Listening {
		t.Errorf("added: %+v", got)
	}
}

// With people, the number that a server says are connected is that of its clients, each
// of whom has a certificate.
func TestPeopleAreConnectedToTheServers(t *testing.T) {
	t.Parallel()
	c := start(t, func(o *localcloud.Options) { o.People = true })
	certificates := 0
	for _, s := range localcloud.Servers() {
		certificates += s.Connections
	}
	state := c.VPC().Snapshot()
	for i, s := range state.Servers {
		if got := len(state.Clients[i].Clients); got != s.Connections || state.Clients[i].ServerID != s.ID {
			t.Errorf("%s: %d clients, and %d connections", s.ID, got, s.Connections)
		}
	}
	if len(state.Certificates) != certificates || certificates == 0 {
		t.Errorf("%d certificates, want %d", len(state.Certificates), certificates)
	}
}
