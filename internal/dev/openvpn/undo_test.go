//go:build linux

package openvpn_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/tunnel"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// follower is the real server of a local cloud.
type follower struct {
	*server

	mu   sync.Mutex
	dead int // the port at which the server does not come up
}

// move restarts the server with settings, unless it does not come up there.
func (f *follower) move(v vpc.Server) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if v.Port == f.dead {
		f.stop()
		return
	}
	f.run(v)
}

// startCloud runs the deployed binary, and a real server in the place of the first
// server of the local cloud.
func startCloud(t *testing.T, dead int) (*localcloud.Cloud, *follower) {
	t.Helper()
	function := filepath.Join(t.TempDir(), "function")
	if err := localcloud.Build(t.Context(), "github.com/sslvpn-change/sslvpn-change", function); err != nil {
		t.Fatal(err)
	}
	f := &follower{server: &server{t: t, keys: makeKeys(t)}, dead: dead}
	started := make(chan *localcloud.Cloud, 1)
	id := localcloud.Servers()[0].ID
	c, err := localcloud.Start(t.Context(), localcloud.Options{
		Function: function, Configuring: 100 * time.Millisecond,
		TuneVPC: func(o *vpc.Options) {
			o.After = func(call vpc.Call) {
				if call.Action == vpc.ModifySslVpnServer {
					c := <-started
					started <- c
					s, _ := c.VPC().Server(id)
					f.move(s)
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range localcloud.Servers() { // the real server takes their ports
		if err := c.Tunnels().Set(s.ID, tunnel.Closed); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := c.VPC().Server(id)
	f.move(s)
	started <- c
	return c, f
}

// TestAClientReturnsByItself locks a client out by a change that has to be confirmed.
// Nobody confirms it, or the server does not come up: the function undoes it, and the
// client with the old file works again.
//
//nolint:paralleltest // All servers have the same ports.
func TestAClientReturnsByItself(t *testing.T) {
	needOpenVPN(t)
	const other = 1195
	for _, tt := range []struct {
		name, confirm string
		dead          int
		longest       time.Duration
	}{
		{"nobody confirms the change", "1m", 0, 2*time.Minute + 30*time.Second},
		{"the server does not come up", "proof", other, time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, f := startCloud(t, tt.dead)
			before, _ := c.VPC().Server(localcloud.Servers()[0].ID)
			person := client(t, file(before, f.keys))
			if person.await(0, longest, ready) == "" || !reaches(t, serve(t, before)) {
				t.Fatalf("the client does not work before:\n%s", person.log())
			}
			from, begin := person.printed(), time.Now()
			change := fmt.Sprintf("confirm: %s\nchanges:\n  - {RegionId: %s, SslVpnServerId: %s, Port: %d}\n", tt.confirm, before.RegionID, before.ID, other)
			if err := c.Drop("changes/port.yaml", []byte(change)); err != nil {
				t.Fatal(err)
			}
			if person.await(from, longest, "Connection refused") == "" {
				t.Fatalf("the client is not locked out:\n%s", person.log())
			}
			t.Logf("locked out after %s", time.Since(begin).Round(time.Second))
			if person.await(from, tt.longest, ready) == "" || !reaches(t, serve(t, before)) {
				t.Fatalf("the client does not return:\n%s", person.log())
			}
			t.Logf("works again after %s", time.Since(begin).Round(time.Second))
			modified := slices.DeleteFunc(c.VPC().Snapshot().Calls, func(call vpc.Call) bool { return call.Action != vpc.ModifySslVpnServer })
			if s, _ := c.VPC().Server(before.ID); s.Port != before.Port || len(modified) != 2 {
				t.Errorf("the port is %d after %d modifications", s.Port, len(modified))
			}
		})
	}
}
