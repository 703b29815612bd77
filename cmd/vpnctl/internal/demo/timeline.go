package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// timeline prints what happened to each change, from its record, and the total
// cost, from the emulators.
func (d *demonstration) timeline(seen observed) {
	d.print("\nWhat happened to each change")
	for _, e := range seen.records {
		d.print("\n%s  %s  by %s (%s)\n  for %s in %s", e.ID, strings.ToUpper(string(e.Status)), e.Origin.Kind, e.Origin.Source, e.ServerID, e.RegionID)
		for _, line := range d.story(e) {
			d.print("  %s", line)
		}
		if p, ok := seen.proofs[e.ID]; ok {
			d.print("  %s", d.proof(p))
		}
	}
	for path, r := range seen.receipts {
		if len(r.Problems) > 0 {
			d.print("\n%s  %s", path, strings.ToUpper(string(r.Status)))
			for _, p := range r.Problems {
				d.print("  line %d: %s", p.Line, p)
			}
		}
	}
	calls, fn := d.cloud.VPC().Snapshot(), d.cloud.FC().Stats()
	d.print("\nTotal: %d invocations in %d processes, %d requests to OSS; VPC API: %d %s, %d %s, %d %s\n",
		fn.Invocations, fn.ColdStarts, d.cloud.OSS().State().Requests,
		calls.Counts[vpc.ModifySslVpnServer], vpc.ModifySslVpnServer,
		calls.Counts[vpc.DescribeVpnGateway], vpc.DescribeVpnGateway,
		calls.Counts[vpc.DescribeSslVpnServers], vpc.DescribeSslVpnServers)
}

// story lists the events of one record in the order of time.
func (d *demonstration) story(e record.Record) []string {
	lines := []string{d.at(e.AcceptedAt) + "  accepted and queued"}
	if e.Undoes != "" {
		lines = []string{d.at(e.AcceptedAt) + "  armed: undoes " + e.Undoes + " unless somebody confirms it"}
	}
	if e.Undo != nil {
		lines = append(lines, "         to be confirmed; it is undone early when the server refuses connections")
	}
	if !e.StartedAt.IsZero() {
		line := d.at(e.StartedAt) + "  started"
		if len(e.MergedWith) > 0 {
			line += ", merged with " + strings.Join(e.MergedWith, ", ")
		}
		lines = append(lines, line)
	}
	for _, w := range []struct {
		ms   int64
		what string
	}{
		{e.Waited.Window, "for its window"},
		{e.Waited.Queue, "in the queue"},
		{e.Waited.Recovery, "for the lease of a worker that died"},
		{e.Waited.Gateway, "for the busy gateway"},
		{e.Waited.Throttle, "for flow control"},
		{e.Waited.Breaker, "for the circuit breaker"},
	} {
		if w.ms >= 50 { // shows as 0.1 s
			lines = append(lines, fmt.Sprintf("         waited %.1f s %s", float64(w.ms)/1000, w.what))
		}
	}
	for _, a := range e.Attempts {
		if a.Action == vpc.ModifySslVpnServer {
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%s  %s: HTTP %d in %d ms %s", d.at(a.At), a.Action, a.HTTPStatus, a.DurationMs, a.Code), " "))
		}
	}
	if !e.FinishedAt.IsZero() {
		lines = append(lines, d.at(e.FinishedAt)+"  "+ending(e))
	}
	for _, c := range e.Changed {
		lines = append(lines, fmt.Sprintf("         %s: %s → %s", c.Field, c.From, c.To))
	}
	if e.Error != nil {
		lines = append(lines, fmt.Sprintf("         %s: %s; %s", e.Error.Class, e.Error.Message, e.Error.Hint))
	}
	return append(lines, fmt.Sprintf("         took %.1f s and %d API calls", e.FinishedAt.Sub(e.AcceptedAt).Seconds(), e.Cost.VPCCalls))
}

// proof is the line of what was seen of the server.
func (d *demonstration) proof(p record.Proof) string {
	line := fmt.Sprintf("%s  probed: %s (looks: %d); before the change: %s", d.at(p.After.At), p.After.Probe, p.Looks, p.Before.Probe)
	if !p.UndoAt.IsZero() {
		line += "; so it is undone"
	}
	return line
}

func ending(e record.Record) string {
	if e.Status == change.Applied && e.Verified {
		return "applied: the gateway is active again, and the settings were read back"
	}
	return string(e.Status)
}

func (d *demonstration) print(format string, args ...any) {
	_, _ = fmt.Fprintf(d.out, format+"\n", args...)
}

// sinceStart is for messages.
func (d *demonstration) sinceStart() time.Duration {
	return time.Since(d.started).Round(100 * time.Millisecond)
}
