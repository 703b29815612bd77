package plan_test

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
)

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// before is a server with the settings of the API reference's examples.
func before() change.Settings {
	return change.Settings{
		change.Name: change.Text("test"), change.ClientIPPool: change.Text("10.30.30.0/24"), change.LocalSubnet: change.Text("10.20.20.0/24"),
		change.Proto: change.Text("UDP"), change.Port: change.Number(1194), change.Cipher: change.Text("AES-128-CBC"),
		change.Compress: change.Flag(false), change.EnableMultiFactorAuth: change.Flag(false),
	}
}

func port(n int) change.Patch { return change.Patch{change.Port: change.Number(n)} }

// ask returns a change with an id.
func ask(id string, p change.Patch, edit ...func(*change.Change)) change.Change {
	c := change.Change{ID: id, Request: change.Request{Patch: p, ExpiresAt: noon().Add(time.Hour)}}
	for _, e := range edit {
		e(&c)
	}
	return c
}

func expecting(p change.Patch) func(*change.Change) { return func(c *change.Change) { c.Expect = p } }

func dryRun(c *change.Change) { c.DryRun = true }

func expired(c *change.Change) { c.ExpiresAt = noon() }

// tell renders an outcome on one line: status, differences, superseding changes and
// broken rules.
func tell(o plan.Outcome) string {
	var b strings.Builder
	b.WriteString(o.ID + " " + string(o.Status))
	for _, d := range o.Changed {
		fmt.Fprintf(&b, " %s:%s>%s", d.Field, d.From, d.To)
	}
	for _, f := range change.Fields() {
		if by, ok := o.SupersededBy[f]; ok {
			fmt.Fprintf(&b, " %s<%s", f, by)
		}
	}
	for _, p := range o.Problems {
		fmt.Fprintf(&b, " !%s@%s", p.Rule, p.Path)
	}
	return b.String()
}

func TestPlans(t *testing.T) {
	t.Parallel()
	both := change.Patch{change.Port: change.Number(1195), change.Compress: change.Flag(true)}
	for name, tt := range map[string]struct {
		changes []change.Change
		send    change.Patch
		asked   change.Patch
		want    []string
	}{
		"nothing is asked": {},
		"one change": {
			changes: []change.Change{ask("a", port(1195))},
			send:    port(1195), asked: port(1195), want: []string{"a applied Port:1194>1195"},
		},
		"the server has it already": {
			changes: []change.Change{ask("a", port(1194))},
			asked:   port(1194), want: []string{"a unchanged"},
		},
		"what is so already is not sent": {
			changes: []change.Change{ask("a", change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("UDP")})},
			send:    port(1195), asked: change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("UDP")},
			want: []string{"a applied Port:1194>1195"},
		},
		"two changes of different settings": {
			changes: []change.Change{ask("a", port(1195)), ask("b", change.Patch{change.Compress: change.Flag(true)})},
			send:    both, asked: both, want: []string{"a applied Port:1194>1195", "b applied Compress:false>true"},
		},
		"the later wins, and the earlier is superseded": {
			changes: []change.Change{ask("a", port(1195)), ask("b", port(1196))},
			send:    port(1196), asked: port(1196), want: []string{"a superseded Port<b", "b applied Port:1194>1196"},
		},
		"superseded in one setting, applied in the other": {
			changes: []change.Change{ask("a", both), ask("b", port(1196))},
			send:    change.Patch{change.Port: change.Number(1196), change.Compress: change.Flag(true)},
			asked:   change.Patch{change.Port: change.Number(1196), change.Compress: change.Flag(true)},
			want:    []string{"a applied Compress:false>true Port<b", "b applied Port:1194>1196"},
		},
		"superseded by two others": {
			changes: []change.Change{ask("a", both), ask("b", port(1196)), ask("c", both)},
			send:    both, asked: both,
			want: []string{"a superseded Port<c Compress<c", "b superseded Port<c", "c applied Port:1194>1195 Compress:false>true"},
		},
		// Its port differs from the server's: without b, it would be sent.
		"superseded where it differs, and the rest is so already": {
			changes: []change.Change{ask("a", change.Patch{change.Port: change.Number(1195), change.Compress: change.Flag(false)}), ask("b", port(1196))},
			send:    port(1196), asked: change.Patch{change.Port: change.Number(1196), change.Compress: change.Flag(false)},
			want: []string{"a applied Port<b", "b applied Port:1194>1196"},
		},
		"superseded where it is so already, and the rest is so too": {
			changes: []change.Change{ask("a", change.Patch{change.Port: change.Number(1194), change.Compress: change.Flag(false)}), ask("b", port(1196))},
			send:    port(1196), asked: change.Patch{change.Port: change.Number(1196), change.Compress: change.Flag(false)},
			want: []string{"a unchanged Port<b", "b applied Port:1194>1196"},
		},
		"there and back again comes to nothing": {
			changes: []change.Change{ask("a", change.Patch{change.Port: change.Number(1195), change.Compress: change.Flag(false)}), ask("b", port(1194))},
			asked:   change.Patch{change.Port: change.Number(1194), change.Compress: change.Flag(false)},
			want:    []string{"a unchanged Port<b", "b unchanged"},
		},
		"expect is judged at its turn": {
			changes: []change.Change{ask("a", port(1195)), ask("b", port(1196), expecting(port(1194))), ask("c", port(1197), expecting(port(1195)))},
			send:    port(1197), asked: port(1197),
			want: []string{"a superseded Port<c", "b rejected !expect-mismatch@expect.Port", "c applied Port:1194>1197"},
		},
		"what a refused change would have set is not expected": {
			changes: []change.Change{ask("a", port(1195), expecting(port(9))), ask("b", port(1196), expecting(port(1194)))},
			send:    port(1196), asked: port(1196), want: []string{"a rejected !expect-mismatch@expect.Port", "b applied Port:1194>1196"},
		},
		"a refused change supersedes nothing": {
			changes: []change.Change{ask("a", port(1195)), ask("b", port(1196), expecting(port(9)))},
			send:    port(1195), asked: port(1195), want: []string{"a applied Port:1194>1195", "b rejected !expect-mismatch@expect.Port"},
		},
		"every expectation that fails is named": {
			changes: []change.Change{ask("a", both, expecting(change.Patch{change.Port: change.Number(9), change.Name: change.Text("x"), change.Proto: change.Text("udp")}))},
			want:    []string{"a rejected !expect-mismatch@expect.Name !expect-mismatch@expect.Port"},
		},
		"a dry run is planned at its turn and sets nothing": {
			changes: []change.Change{ask("a", port(1195)), ask("b", port(1196), dryRun), ask("c", port(1197), expecting(port(1195)))},
			send:    port(1197), asked: port(1197),
			want: []string{"a superseded Port<c", "b planned Port:1195>1196", "c applied Port:1194>1197"},
		},
		"a dry run that breaks a rule is rejected": {
			changes: []change.Change{ask("a", port(1195), dryRun, expecting(port(9)))},
			want:    []string{"a rejected !expect-mismatch@expect.Port"},
		},
		"an expired change sets nothing, and is not judged": {
			changes: []change.Change{ask("a", port(1195), expired, expecting(port(9))), ask("b", port(1196), expecting(port(1194)))},
			send:    port(1196), asked: port(1196), want: []string{"a expired", "b applied Port:1194>1196"},
		},
		"an expired dry run is expired": {
			changes: []change.Change{ask("a", port(1195), expired, dryRun)}, want: []string{"a expired"},
		},
		"the pool is judged with the server's subnets": {
			changes: []change.Change{ask("a", change.Patch{change.ClientIPPool: change.Text("10.20.0.0/16")})},
			want:    []string{"a rejected !pool-overlaps-local-subnet@ClientIpPool"},
		},
		"the pool is judged with the subnets of the change before": {
			changes: []change.Change{
				ask("a", change.Patch{change.LocalSubnet: change.Text("10.50.0.0/16")}), ask("b", change.Patch{change.ClientIPPool: change.Text("10.20.0.0/16")}),
				ask("c", change.Patch{change.ClientIPPool: change.Text("10.50.1.0/24")}),
			},
			send:  change.Patch{change.LocalSubnet: change.Text("10.50.0.0/16"), change.ClientIPPool: change.Text("10.20.0.0/16")},
			asked: change.Patch{change.LocalSubnet: change.Text("10.50.0.0/16"), change.ClientIPPool: change.Text("10.20.0.0/16")},
			want: []string{
				"a applied LocalSubnet:10.20.20.0/24>10.50.0.0/16", "b applied ClientIpPool:10.30.30.0/24>10.20.0.0/16",
				"c rejected !pool-overlaps-local-subnet@ClientIpPool",
			},
		},
		"a pool that is too small for the connections": {
			changes: []change.Change{ask("a", change.Patch{change.ClientIPPool: change.Text("10.40.0.0/28")})},
			want:    []string{"a rejected !pool-size@ClientIpPool"},
		},
		"the two address fields travel together": {
			changes: []change.Change{ask("a", change.Patch{change.LocalSubnet: change.Text("10.20.0.0/16")})},
			send:    change.Patch{change.LocalSubnet: change.Text("10.20.0.0/16"), change.ClientIPPool: change.Text("10.30.30.0/24")},
			asked:   change.Patch{change.LocalSubnet: change.Text("10.20.0.0/16")},
			want:    []string{"a applied LocalSubnet:10.20.20.0/24>10.20.0.0/16"},
		},
		"two-factor authentication needs its provider": {
			changes: []change.Change{ask("a", change.Patch{change.EnableMultiFactorAuth: change.Flag(true)})},
			want:    []string{"a rejected !mfa-needs-idaas@EnableMultiFactorAuth !mfa-needs-idaas@EnableMultiFactorAuth"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := before()
			p := plan.Make(plan.Input{Before: server, MaxConnections: 5, Readable: true, Now: noon(), Changes: tt.changes})
			var got []string
			for _, o := range p.Outcomes {
				got = append(got, tell(o))
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("outcomes:\n got %q\nwant %q", got, tt.want)
			}
			if !maps.Equal(p.Patch, tt.send) || !maps.Equal(p.Asked, tt.asked) {
				t.Errorf("sends %v, want %v; asks for %v, want %v", p.Patch, tt.send, p.Asked, tt.asked)
			}
			if !maps.Equal(p.After, before().With(tt.asked)) {
				t.Errorf("after is %v", p.After)
			}
			if !maps.Equal(server, before()) {
				t.Errorf("the input was altered: %v", server)
			}
		})
	}
}

func TestMultiFactorAuthenticationIsSentWithItsProvider(t *testing.T) {
	t.Parallel()
	on := before().With(change.Patch{
		change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-1"), change.IDaaSRegionID: change.Text("cn-hangzhou"),
	})
	for name, tt := range map[string]struct {
		before change.Settings
		ask    change.Patch
		want   change.Patch
	}{
		"switched on with its provider": {
			before(),
			change.Patch{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-1"), change.IDaaSRegionID: change.Text("cn-hangzhou")},
			change.Patch{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-1"), change.IDaaSRegionID: change.Text("cn-hangzhou")},
		},
		"another provider": {
			on,
			change.Patch{change.IDaaSInstanceID: change.Text("idaas-2")},
			change.Patch{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-2"), change.IDaaSRegionID: change.Text("cn-hangzhou")},
		},
		"switched off alone": {
			on, change.Patch{change.EnableMultiFactorAuth: change.Flag(false)}, change.Patch{change.EnableMultiFactorAuth: change.Flag(false)},
		},
		"something else": {on, port(1195), port(1195)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(plan.Input{Before: tt.before, Readable: true, Now: noon(), Changes: []change.Change{ask("a", tt.ask)}})
			if !maps.Equal(p.Patch, tt.want) || p.Outcomes[0].Status != change.Applied {
				t.Errorf("sends %v, want %v: %s", p.Patch, tt.want, tell(p.Outcomes[0]))
			}
		})
	}
}

func TestAServerThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	p := plan.Make(plan.Input{
		Before: before(), // must be ignored
		Now:    noon(),
		Changes: []change.Change{
			ask("a", port(1194)), ask("b", port(1195), expecting(port(1194))), ask("c", port(1196), dryRun),
			ask("d", change.Patch{change.Compress: change.Flag(false), change.LocalSubnet: change.Text("10.50.0.0/16")}),
			ask("e", port(1197), expired), ask("f", port(1198), expecting(port(1194)), dryRun),
		},
	})
	want := []string{
		"a applied Port:>1194", "b rejected !server-not-readable@expect", "c rejected !server-not-readable@dryRun",
		"d applied LocalSubnet:>10.50.0.0/16 Compress:>false", "e expired", "f rejected !server-not-readable@expect !server-not-readable@dryRun",
	}
	for i, o := range p.Outcomes {
		if got := tell(o); got != want[i] {
			t.Errorf("got %q, want %q", got, want[i])
		}
		for _, pr := range o.Problems {
			if pr.Message == "" || !strings.Contains(pr.Hint, "vpc:DescribeSslVpnServers") {
				t.Errorf("the problem %+v does not say the way out", pr)
			}
		}
	}
	sent := change.Patch{change.Port: change.Number(1194), change.Compress: change.Flag(false), change.LocalSubnet: change.Text("10.50.0.0/16")}
	if !maps.Equal(p.Patch, sent) || !maps.Equal(p.After, change.Settings(sent)) {
		t.Errorf("sends %v, after is %v; want what was asked, and no more: %v", p.Patch, p.After, sent)
	}
}

func TestAChangeLastsUntilItExpires(t *testing.T) {
	t.Parallel()
	for expires, want := range map[time.Time]change.Status{
		noon().Add(time.Nanosecond): change.Applied, noon(): change.Expired, {}: change.Applied,
	} {
		c := ask("a", port(1195), func(c *change.Change) { c.ExpiresAt = expires })
		p := plan.Make(plan.Input{Before: before(), Readable: true, Now: noon(), Changes: []change.Change{c}})
		if got := p.Outcomes[0].Status; got != want {
			t.Errorf("a change that expires %v is %s at %v, want %s", expires, got, noon(), want)
		}
	}
}
