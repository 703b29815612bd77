package e2e_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// busyServers adds servers whose gateways stay busy.
func (h *harness) busyServers(t *testing.T, n int) []string {
	t.Helper()
	servers := h.more(t, n, func(i int, s *vpc.Server) { s.GatewayID = "vpn-of-" + s.ID })
	for _, id := range servers {
		if err := h.VPC().Busy("vpn-of-"+id, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	return servers
}

// isOpen asserts that a request of another sender is answered soon.
func (a *attacked) isOpen(id string) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), 20*time.Second)
	defer cancel()
	r := a.signed("viewer", "GET", "/v1/changes/20261122-aaaaaaaaaa", id, "")
	got, err := a.send(ctx, r.method, r.path, "", r.body, r.header...)
	if err != nil || got.status != http.StatusNotFound {
		a.t.Errorf("answered %d %s, %v", got.status, got.body, err)
	}
}

// Ten requests that wait for their changes, which must wait, leave instances for
// others.
func TestAttackRequestsThatWait(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, func(o *localcloud.Options) { o.MaxInstances = 10 })
	a.busyServers(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const all = 10
	answers := make(chan reply, all)
	for n := range all {
		r := a.signed("bot", "POST", "/v1/changes", "wait-"+string(rune('a'+n)), portOfEach([]string{"vss-more0"}))
		go func() {
			if got, err := a.send(ctx, r.method, r.path, "", r.body, append(r.header, "Prefer", "wait=60")...); err == nil {
				answers <- got
			}
		}()
	}
	timeout := time.After(30 * time.Second)
	for n := range all - 4 { // four may wait
		select {
		case got := <-answers:
			if got.status != http.StatusAccepted {
				t.Errorf("answered %d %s", got.status, got.body)
			}
		case <-timeout:
			t.Fatalf("only %d of %d requests are answered: too many wait", n, all)
		}
	}
	a.isOpen("other")
}

// One document for many servers, which must wait, leaves instances for others.
func TestAttackADocumentForManyLanes(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, func(o *localcloud.Options) { o.MaxInstances = 6 })
	got := a.do(a.signed("bot", "POST", "/v1/changes", "many", portOfEach(a.busyServers(t, 100))))
	if got.status != http.StatusAccepted {
		t.Fatalf("answered %d %s", got.status, got.body)
	}
	if wakes := a.keys("wake/"); len(wakes) > 4 {
		t.Errorf("%d wake objects", len(wakes))
	}
	a.isOpen("other")
}

// Files for more servers than there are instances, all of which must wait, leave
// instances for others.
func TestAttackFilesForManyLanes(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, func(o *localcloud.Options) { o.MaxInstances = 10 })
	for _, server := range a.busyServers(t, 14) {
		a.drop(t, "changes/"+server+".yaml", portOfEach([]string{server}))
	}
	a.isOpen("other")
	eventually(t, "few wait", func() bool {
		busy := 0
		for _, i := range a.FC().Instances() {
			if i.RequestID != "" {
				busy++
			}
		}
		return busy <= 4
	})
	if len(a.keys("queue/")) != 14 {
		t.Errorf("queued are %q", a.keys("queue/"))
	}
}
