package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// sets is a request for settings of the office.
func sets(p change.Patch) change.Request { return change.Request{Target: hangzhou, Patch: p} }

func port() change.Patch { return change.Patch{change.Port: change.Number(1195)} }

const guarded = two + `
grants: [{who: ['*'], roles: [admin], servers: ['*']}]
guards:
- {servers: ['*'], settings: [Port, Proto], maxConnected: 20, otherwise: refuse}
- {servers: [cn-hangzhou/*], settings: [Port], maxConnected: 5, otherwise: refuse}
- {servers: ['*'], settings: [Cipher], maxConnected: 0, otherwise: approval}
- {servers: ['*'], settings: [Compress], maxConnected: 0, otherwise: refuse}
`

func TestGuardsOfConnectedClients(t *testing.T) {
	t.Parallel()
	p := parse(t, guarded)
	elsewhere := sets(port())
	elsewhere.Target = change.Target{RegionID: "cn-beijing", ServerID: "vss-b"}
	idle := func(n int) change.Request {
		r := sets(port())
		r.Idle = n
		return r
	}
	dry := sets(port())
	dry.DryRun = true
	for name, tt := range map[string]struct {
		request         change.Request
		connected       int
		unknown         bool
		says, hint      string
		anotherApproval bool
	}{
		"few":                     {request: sets(port()), connected: 5},
		"too many":                {request: sets(port()), connected: 6, says: "6 clients are connected, and the policy permits this change while at most 5 are", hint: "when=idle(5)"},
		"how many is not known":   {request: sets(port()), unknown: true, says: "at most 5 clients are connected, and how many are is not known", hint: "vpc:DescribeSslVpnServers"},
		"of another server":       {request: elsewhere, connected: 20},
		"many of another server":  {request: elsewhere, connected: 21, says: "at most 20", hint: "when=idle(20)"},
		"of another setting":      {request: sets(change.Patch{change.Name: change.Text("x1")}), connected: 1000},
		"one of several settings": {request: sets(change.Patch{change.Name: change.Text("x1"), change.Proto: change.Text("TCP")}), connected: 21, says: "at most 20", hint: "when=idle(20)"},
		"nobody":                  {request: sets(change.Patch{change.Compress: change.Flag(true)})},
		"somebody":                {request: sets(change.Patch{change.Compress: change.Flag(true)}), connected: 1, says: "at most 0 are", hint: "when=idle(1)"},
		"a condition":             {request: idle(6), connected: 1000},
		"a wider condition":       {request: idle(7), connected: 6, says: "at most 5", hint: "when=idle(5)"},
		"a dry run":               {request: dry, connected: 1000},
		"an approval more":        {request: sets(change.Patch{change.Cipher: change.Text("none")}), connected: 1, anotherApproval: true},
		"no approval more":        {request: sets(change.Patch{change.Cipher: change.Text("none")})},
		"an approval in doubt":    {request: sets(change.Patch{change.Cipher: change.Text("none")}), unknown: true, anotherApproval: true},
	} {
		no := p.TooManyConnected(tt.request, tt.connected, !tt.unknown)
		if (no != nil) != (tt.says != "") || no != nil && (no.Rule != policy.RuleTooManyConnected || !strings.Contains(no.Message, tt.says) || !strings.Contains(no.Hint, tt.hint)) {
			t.Errorf("%s: %+v, want %q", name, no, tt.says)
		}
		if got := p.NeedsAnotherApproval(tt.request, tt.connected, !tt.unknown); got != tt.anotherApproval {
			t.Errorf("%s: needs another approval: %t", name, got)
		}
	}
	if r := sets(port()); policy.Absent().TooManyConnected(r, 1000, true) != nil || policy.Absent().NeedsAnotherApproval(r, 0, false) || !policy.Absent().Confirmation(r).IsZero() {
		t.Error("without a policy there is a guard")
	}
}

func TestConfirmationsOfAPolicy(t *testing.T) {
	t.Parallel()
	p := parse(t, one+grant+`
confirmations:
- {servers: ['*'], settings: [Port], for: 30m}
- {servers: ['*'], settings: [Proto], for: 20m, proof: true}
- {servers: ['cn-beijing/*'], for: 1m}
- {servers: ['*'], settings: [Cipher], proof: true}
`)
	both := change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("TCP")}
	own := sets(port())
	own.Confirm = change.Confirmation{For: 2 * time.Hour}
	dry, back := sets(port()), sets(port())
	dry.DryRun, back.Restores = true, true
	asked := back
	asked.Confirm = change.Confirmation{For: time.Hour}
	for want, list := range map[string][]change.Request{
		"30m":       {sets(port())},
		"20m proof": {sets(both), sets(change.Patch{change.Proto: change.Text("TCP")})},
		"10m proof": {sets(change.Patch{change.Cipher: change.Text("none")})},
		"2h":        {own},
		"1h":        {asked},
		"":          {sets(change.Patch{change.Name: change.Text("x1")}), dry, back},
	} {
		for _, r := range list {
			if got := p.Confirmation(r).String(); got != want {
				t.Errorf("%+v: %q, want %q", r, got, want)
			}
		}
	}
}
