package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// inWindow is a server with a maintenance window that a freeze closes at first.
const inWindow = "vss-bp1w4i8n2d6o9w3s7x5k1"

// opensAfter is when the window opens, from the start.
const opensAfter = 12 * time.Second

// promptly is how long after the opening the change must be sent at the latest, on a
// machine that is busy with the demonstration.
const promptly = 5 * time.Second

const policyKey = "policy/policy.yaml"

// addWindow adds the server, and writes the policy with its window.
func (d *demonstration) addWindow() error {
	err := d.cloud.VPC().AddServer(vpc.Server{
		RegionID: localcloud.Region, ID: inWindow, GatewayID: "vpn-bp1w4i8n2d6o9w3g7w5y1", Name: "in-a-window",
		ClientIPPool: "10.100.0.0/24", LocalSubnet: "10.110.0.0/16", Port: 1194,
	})
	if err != nil {
		return err
	}
	const local = "2006-01-02T15:04:05"
	d.opens = d.started.Add(opensAfter).UTC().Truncate(time.Second)
	text := strings.NewReplacer("$FROM", d.opens.Add(-time.Hour).Format(local), "$UNTIL", d.opens.Format(local)).Replace(policyText)
	d.step("policy uploaded: the window of %s opens at %s", inWindow, strings.TrimSpace(d.at(d.opens)))
	return d.cloud.Drop(policyKey, []byte(text))
}

// waitForWindow posts the change that waits for the window.
func (d *demonstration) waitForWindow(ctx context.Context, client *remote.Client) error {
	changes, err := client.Submit(ctx, remote.Document{Data: windowBody}, fmt.Sprintf("window-%d", d.started.UnixNano()))
	if err != nil {
		return fmt.Errorf("request for a window: %w", err)
	}
	d.step("http  posted a change for %s, which waits for its window: %s", inWindow, changes[0].ID)
	return nil
}

// checkWindow checks that nothing was sent before the opening, and that the change was sent
// promptly after it.
func (d *demonstration) checkWindow(l *checklist, seen observed) {
	what := inWindow + " listens on port 1197, by a change that waited for its window"
	var sent time.Time
	var found record.Record
	for _, e := range seen.records {
		if e.ServerID == inWindow {
			found = e
		}
	}
	for _, a := range found.Attempts {
		if a.Action == vpc.ModifySslVpnServer && (sent.IsZero() || a.At.Before(sent)) {
			sent = a.At
		}
	}
	s, _ := d.cloud.VPC().Server(inWindow)
	l.expect(found.Status == change.Applied && found.AcceptedAt.Before(d.opens) && s.Port == 1197 && s.Modified == 1, what, found.Status, found.AcceptedAt, s.Port)
	delay := sent.Sub(d.opens)
	l.expect(!sent.IsZero() && delay >= 0 && delay <= promptly, fmt.Sprintf("it was sent %.1f s after the opening, and not before", delay.Seconds()), sent)
}
