package demo

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/tunnel"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// trial is a server in front of which a firewall lets UDP pass alone. A change to TCP
// locks everybody out; it is made on trial, and undone by itself.
const trial = "vss-bp1t7r4i1a8l5w2x9c6d3"

// addTrial adds the server, with an address of its own.
func (d *demonstration) addTrial() error {
	office, _ := d.cloud.VPC().Server(office)
	at, err := netip.ParseAddr(office.InternetIP)
	if err != nil {
		return fmt.Errorf("address of %s: %w", office.ID, err)
	}
	err = d.cloud.VPC().AddServer(vpc.Server{
		RegionID: localcloud.Region, ID: trial, GatewayID: "vpn-bp1t3r6i9a2l5g8t1w4y7", Name: "on-trial",
		ClientIPPool: "10.80.0.0/24", LocalSubnet: "10.90.0.0/16", Proto: "UDP", Port: 1194, InternetIP: at.Next().String(),
	})
	if err != nil {
		return err
	}
	return d.cloud.Tunnels().Sync()
}

// try posts the change that is made on trial.
func (d *demonstration) try(ctx context.Context, client *remote.Client) error {
	changes, err := client.Submit(ctx, remote.Document{Data: trialBody}, fmt.Sprintf("trial-%d", d.started.UnixNano()))
	if err != nil {
		return fmt.Errorf("request on trial: %w", err)
	}
	d.step("http  posted a change on trial for %s, whose firewall lets UDP pass alone: %s", trial, changes[0].ID)
	return nil
}

// guard is the firewall: it refuses connections while the server uses TCP.
func (d *demonstration) guard() error {
	s, _ := d.cloud.VPC().Server(trial)
	mode := tunnel.Answering
	if s.Proto == "TCP" {
		mode = tunnel.Closed
	}
	if mode == d.firewall {
		return nil
	}
	d.firewall = mode
	return d.cloud.Tunnels().Set(trial, mode)
}

// checkTrial checks that the change on trial was undone.
func (d *demonstration) checkTrial(l *checklist, seen observed) {
	var applied, undo record.Record
	for _, e := range seen.records {
		switch {
		case e.ServerID == trial && e.Undoes == "":
			applied = e
		case e.ServerID == trial:
			undo = e
		}
	}
	s, _ := d.cloud.VPC().Server(trial)
	took := undo.FinishedAt.Sub(applied.FinishedAt).Round(100 * time.Millisecond)
	l.expect(applied.Status == change.Applied && undo.Undoes == applied.ID && undo.Status == change.Applied && s.Proto == "UDP",
		fmt.Sprintf("nobody could connect to %s any more: the change was undone by itself after %s", trial, took), applied.Status, undo.Status, s.Proto)
}

// checkProof checks that the request's server was seen to listen before and after.
func (d *demonstration) checkProof(l *checklist, seen observed) {
	for _, e := range seen.records {
		if p, ok := seen.proofs[e.ID]; ok && e.ServerID == shanghai {
			l.expect(p.Before.Probe == probe.Listening && p.After.Probe == probe.Listening, shanghai+" answered a probe before the change and after it", p)
			return
		}
	}
	l.expect(false, shanghai+" answered a probe before the change and after it", "there is no proof")
}
