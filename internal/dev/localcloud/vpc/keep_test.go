package vpc_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// keeping is an emulator that keeps its state, with another one's credentials and clock.
func keeping(t *testing.T, c *clock, path string) (*vpc.Emulator, bool) {
	t.Helper()
	e := vpc.New(vpc.Options{Credentials: []vpc.Credential{{AccessKeyID: "id", AccessKeySecret: "secret"}}, Now: c.time, Configuring: 20 * time.Second})
	found, err := e.Keep(path)
	if err != nil {
		t.Fatal(err)
	}
	return e, found
}

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vpc.json")
	c := newClock()
	e, found := keeping(t, c, path)
	if found {
		t.Error("found a state in an empty folder")
	}
	addServer(t, e)
	if err := e.AddCertificate(vpc.Certificate{ID: "vsc-a", ServerID: serverID, Key: "key"}); err != nil {
		t.Fatal(err)
	}
	if err := e.SetClients(vpc.Clients{ServerID: serverID, Clients: []vpc.Client{{Certificate: "vsc-a"}}}); err != nil {
		t.Fatal(err)
	}
	if got := modify(t, e, c, "Port=1195&ClientToken=one"); got != "" {
		t.Fatal(got)
	}
	before := e.Snapshot()
	again, found := keeping(t, c, path)
	after := again.Snapshot()
	if !found || !reflect.DeepEqual(before.Servers, after.Servers) || !reflect.DeepEqual(before.Gateways, after.Gateways) ||
		!reflect.DeepEqual(before.Clients, after.Clients) || !reflect.DeepEqual(before.Certificates, after.Certificates) || !reflect.DeepEqual(before.VPCs, after.VPCs) {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if s, _ := again.Server(serverID); s.Port != 1195 || after.Gateways[0].Status != "updating" {
		t.Errorf("the server is %+v, the gateway %+v", s, after.Gateways[0])
	}
	// The token's first result, with its numbers as they were, and no second effect.
	query := "SslVpnServerId=" + serverID + "&Port=1195&ClientToken=one"
	first, repeated := decoded(t, e, c, vpc.ModifySslVpnServer, query), decoded(t, again, c, vpc.ModifySslVpnServer, query)
	if !reflect.DeepEqual(first, repeated) || again.Snapshot().Effective != 0 {
		t.Errorf("first %v, after the restart %v", first, repeated)
	}
	if got := modify(t, again, c, "Port=1196&ClientToken=one"); got != "IdempotentParameterMismatch" {
		t.Errorf("another request with the token: %q", got)
	}
	c.advance(21 * time.Second)
	if got := modify(t, again, c, "Port=1196"); got != "" {
		t.Errorf("a later modification: %q", got)
	}
}

func TestDamagedStateIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vpc.json")
	for text, want := range map[string]string{
		"":  "EOF",
		"{": "unexpected EOF",
		`{"servers":[{"sslVpnServerId":"vss-a","vpnGatewayId":"vpn-a"}]}`:                 "vpn-a",
		`{"certificates":[{"sslVpnClientCertId":"vsc-a","sslVpnServerId":"vss-a"}]}`:      "vss-a",
		`{"clients":[{"sslVpnServerId":"vss-a","clients":[{"sslVpnClientCertId":"x"}]}]}`: "vss-a",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vpc.New(vpc.Options{}).Keep(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v, want an error about %q", text, err, want)
		}
	}
}
