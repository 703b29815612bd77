package doctor

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// apiEndpoint reads one server of each region.
func (w *work) apiEndpoint(ctx context.Context) (Outcome, string) {
	var bad, good []string
	for _, t := range w.regions() {
		begun := w.Now()
		_, err := w.API.DescribeServer(ctx, t)
		e, isAPI := errors.AsType[*sslvpn.Error](err)
		switch {
		case err == nil, isAPI && (e.Class == sslvpn.ClassDenied || e.Class == sslvpn.ClassInvalid && e.HTTPStatus != 0):
			good = append(good, t.RegionID+" in "+w.Now().Sub(begun).Round(time.Millisecond).String())
		default:
			bad = append(bad, t.RegionID+": "+err.Error())
		}
	}
	switch {
	case len(bad) > 0:
		return Finding, some(bad)
	case len(good) == 0:
		return NotChecked, noServer
	}
	return OK, "the API answered for " + some(good)
}

// mostServers is how many servers one check looks at.
const mostServers = 20

// clientList asks whether the clients of each gateway can be listed.
func (w *work) clientList(ctx context.Context) (Outcome, string) {
	seen := map[string]bool{}
	var without []string
	for _, t := range w.Servers[:min(len(w.Servers), mostServers)] {
		s, err := w.API.DescribeServer(ctx, t)
		if err != nil {
			return NotChecked, err.Error()
		}
		if seen[s.GatewayID] {
			continue
		}
		seen[s.GatewayID] = true
		ref := sslvpn.GatewayRef{RegionID: t.RegionID, GatewayID: s.GatewayID}
		g, err := w.API.DescribeGateway(ctx, ref)
		if err != nil {
			return NotChecked, err.Error()
		}
		if !g.Visualized {
			without = append(without, s.GatewayID)
			continue
		}
		if _, err := w.API.DescribeClients(ctx, ref); err != nil {
			return failed(s.GatewayID, err)
		}
	}
	switch {
	case len(without) > 0:
		return Finding, "without the tag VisuallySsl, so that their clients cannot be listed: " + some(without)
	case len(seen) == 0:
		return NotChecked, noServer
	}
	return OK, found("the clients of %d gateways can be listed", len(seen))
}

// dryRun sends a dry run of a modification of the name to the name that the server has:
// were it made, it would change nothing, and not touch the gateway.
func (w *work) dryRun(ctx context.Context) (Outcome, string) {
	t := w.Named
	if t == (change.Target{}) {
		return NotChecked, "a dry run is sent to a server that you name with --server only"
	}
	before, err := w.API.DescribeServer(ctx, t)
	if err != nil {
		return NotChecked, err.Error()
	}
	name := before.Settings[change.Name]
	if name.String() == "" {
		return NotChecked, "the server has no name: a dry run of another setting is not harmless if it is carried out"
	}
	err = w.API.DryRun(ctx, sslvpn.Modification{Target: t, Patch: change.Patch{change.Name: name}})
	e, isAPI := errors.AsType[*sslvpn.Error](err)
	switch {
	case err == nil:
	case isAPI && e.Class == sslvpn.ClassDenied:
		return failed("the role lacks vpc:ModifySslVpnServer on the server", err)
	case isAPI && e.Class == sslvpn.ClassUnknown:
		return failed("the dry run was not answered as one", err)
	default:
		return NotChecked, err.Error()
	}
	after, err := w.API.DescribeServer(ctx, t)
	if err != nil {
		return NotChecked, err.Error()
	}
	for field, value := range before.Settings {
		if after.Settings[field] != value {
			return NotChecked, "the server was changed meanwhile: " + string(field)
		}
	}
	return OK, "the API answered DryRunOperation, and the server is as it was"
}

// egress probes servers that use a protocol, until one answers.
func (w *work) egress(ctx context.Context, overTCP bool) (Outcome, string) {
	proto := map[bool]string{false: "UDP", true: "TCP"}[overTCP]
	if w.Probe == nil {
		return NotChecked, "this function probes nothing"
	}
	var silent, unchecked []string
	for _, t := range w.Servers[:min(len(w.Servers), mostServers)] {
		s, err := w.API.DescribeServer(ctx, t)
		if err != nil {
			unchecked = append(unchecked, t.ServerID+": "+err.Error())
			continue
		}
		if !strings.EqualFold(s.Settings[change.Proto].String(), proto) {
			continue
		}
		out := w.Probe(ctx, s)
		what := t.ServerID + ": " + string(out.Result)
		if out.Reason != "" {
			what += " (" + string(out.Reason) + ")"
		}
		switch {
		case out.Result == probe.Listening:
			return OK, t.ServerID + " answered a probe over " + proto
		case out.Result == probe.NotChecked && out.Reason != probe.NoRoute && out.Reason != probe.NotPermitted && out.Reason != probe.NetworkFailed:
			unchecked = append(unchecked, what)
		default:
			silent = append(silent, what)
		}
	}
	switch {
	case len(silent) > 0:
		return Finding, "no server answered a probe over " + proto + ": " + some(silent)
	case len(unchecked) > 0:
		return NotChecked, some(unchecked)
	}
	return NotChecked, "no server that may be probed uses " + proto
}
