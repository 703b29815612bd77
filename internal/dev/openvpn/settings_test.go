//go:build linux

package openvpn_test

import (
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// cloud is an emulated API with one server, and the real server that follows it.
type cloud struct {
	emulator *vpc.Emulator
	url      string
	server   *server
}

// start starts both. Every modification restarts the real server before it is
// answered.
func start(t *testing.T, v vpc.Server) *cloud {
	t.Helper()
	c := &cloud{server: &server{t: t, keys: makeKeys(t)}}
	c.emulator = vpc.New(vpc.Options{
		Credentials: []vpc.Credential{{AccessKeyID: "key", AccessKeySecret: "secret"}},
		After: func(call vpc.Call) {
			if s := c.settings(); call.Action == vpc.ModifySslVpnServer && s.Modified > 0 {
				c.server.run(s)
			}
		},
	})
	if err := c.emulator.AddServer(v); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(c.emulator)
	t.Cleanup(web.Close)
	c.url = web.URL
	c.server.run(c.settings())
	return c
}

func (c *cloud) settings() vpc.Server {
	s, _ := c.emulator.Server("vss-a")
	return s
}

// modify sends a modification as the function does.
func (c *cloud) modify(t *testing.T, p change.Patch) {
	t.Helper()
	client, err := sslvpn.New(sslvpn.Config{Endpoint: c.url})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	api := client.In(change.Regions{}.With("cn-hangzhou")).With(sslvpn.Credentials{AccessKeyID: "key", AccessKeySecret: secret.New("secret")}, nil)
	m := sslvpn.Modification{Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, ClientToken: "one", Patch: p}
	if _, err := api.ModifyServer(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// fate is what happens to a client that keeps its file.
type fate string

const (
	works fate = "works"
	shut  fate = "cannot connect"
	deaf  fate = "connects, and no byte passes"
)

// scenario is a change of one setting, with a client that was connected before.
type scenario struct {
	name  string
	alter func(*vpc.Server)   // the settings before
	edit  func(string) string // the client's file, where it is not the vendor's
	ahead bool                // the client has a file that was handed out before the change
	patch change.Patch
	fate  fate
	also  func(string) string // what else people change, beside the printed lines
	says  string              // a part of the client's log, or of the server's: why it cannot connect
}

func scenarios() []scenario {
	udp := func(*vpc.Server) {}
	tcp := func(s *vpc.Server) { s.Proto = "TCP" }
	compressed := func(s *vpc.Server) { s.Compress = true }
	multiFactor := func(s *vpc.Server) {
		s.EnableMultiFactorAuth, s.IDaaSInstanceID, s.IDaaSRegionID = true, "idaas-cn-hangzhou-p1", "cn-hangzhou"
	}
	add := func(line string) func(string) string {
		return func(file string) string { return file + line + "\n" }
	}
	const refused = "Connection refused"
	return []scenario{
		{name: "another port over UDP", alter: udp, patch: change.Patch{change.Port: change.Number(1195)}, fate: shut, says: refused},
		{name: "another port over TCP", alter: tcp, patch: change.Patch{change.Port: change.Number(1195)}, fate: shut, says: refused},
		{name: "another port, with a file handed out before", alter: udp, ahead: true, patch: change.Patch{change.Port: change.Number(1195)}, fate: works},
		{name: "UDP to TCP", alter: udp, patch: change.Patch{change.Proto: change.Text("TCP")}, fate: shut, says: refused},
		{name: "TCP to UDP", alter: tcp, patch: change.Patch{change.Proto: change.Text("UDP")}, fate: shut, says: refused},
		{name: "UDP to TCP, with a file handed out before", alter: udp, ahead: true, patch: change.Patch{change.Proto: change.Text("TCP")}, fate: works},
		{name: "another cipher", alter: udp, patch: change.Patch{change.Cipher: change.Text("AES-256-CBC")}, fate: works},
		{
			name: "another cipher, which the file does not permit", alter: udp, edit: add("data-ciphers AES-128-CBC"),
			patch: change.Patch{change.Cipher: change.Text("AES-256-CBC")}, fate: shut, says: "AUTH_FAILED",
			also: func(file string) string {
				return strings.Replace(file, "data-ciphers AES-128-CBC", "data-ciphers AES-256-CBC", 1)
			},
		},
		{name: "compression on", alter: udp, patch: change.Patch{change.Compress: change.Flag(true)}, fate: deaf},
		{name: "compression off", alter: compressed, patch: change.Patch{change.Compress: change.Flag(false)}, fate: deaf},
		{
			name: "multi-factor authentication on", alter: udp, fate: shut, says: "Auth Username/Password was not provided by peer",
			patch: change.Patch{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-cn-hangzhou-p1"), change.IDaaSRegionID: change.Text("cn-hangzhou")},
		},
		{
			name: "multi-factor authentication on, with a file handed out before", alter: udp, ahead: true, fate: works,
			patch: change.Patch{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-cn-hangzhou-p1"), change.IDaaSRegionID: change.Text("cn-hangzhou")},
		},
		{name: "multi-factor authentication off", alter: multiFactor, patch: change.Patch{change.EnableMultiFactorAuth: change.Flag(false)}, fate: works},
		{name: "another subnet", alter: udp, patch: change.Patch{change.LocalSubnet: change.Text("10.20.20.0/24,10.20.21.0/24")}, fate: works},
		{name: "another pool", alter: udp, patch: change.Patch{change.ClientIPPool: change.Text("10.31.0.0/24")}, fate: works},
	}
}

// TestWhatAChangeDoesToClients connects a client, changes one setting, and looks at
// what becomes of the client. Where it loses the server, the lines that the function
// prints make a client work again.
//
//nolint:paralleltest // All servers have the same ports.
func TestWhatAChangeDoesToClients(t *testing.T) {
	needOpenVPN(t)
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			v := settings()
			sc.alter(&v)
			c := start(t, v)
			before := c.settings()
			text, says := file(before, c.server.keys), sc.impact(before)
			if sc.edit != nil {
				text = sc.edit(text)
			}
			if sc.ahead {
				text = handOut(text, says.Ahead)
			}
			if plain := sc.edit == nil && !sc.ahead; plain && (says.Class == impact.NewFile) != (sc.fate != works) {
				t.Errorf("the plan says that the change is of the class %s", says.Class)
			}
			old := client(t, text)
			if old.await(0, longest, ready) == "" || !reaches(t, serve(t, before)) {
				t.Fatalf("the client does not work before:\n%s", old.log())
			}
			from := old.printed()
			c.modify(t, sc.patch)
			after := c.settings()
			if got := probed(t, after); got.Result != probe.Listening {
				t.Errorf("the probe got %+v", got)
			}
			behind := serve(t, after)
			if got := sc.meets(t, old, from, c.server, behind); got != sc.fate {
				t.Fatalf("a client with the old file: %s, want: %s\nclient:\n%s\nserver:\n%s", got, sc.fate, old.log(), c.server.log())
			}
			old.stop()
			text = apply(text, says.Lines)
			if sc.also != nil {
				text = sc.also(text)
			}
			fresh := client(t, text)
			if fresh.await(0, longest, ready) == "" || !reaches(t, behind) {
				t.Errorf("the lines do not make a client work:\n%s\nserver:\n%s", fresh.log(), c.server.log())
			}
			if sc.patch[change.LocalSubnet].String() != "" && !strings.Contains(fresh.log(), "10.20.21.0") {
				t.Error("the new route is not pushed")
			}
		})
	}
}

// meets waits for what becomes of a client after a modification.
func (sc scenario) meets(t *testing.T, c *process, from int, s *server, behind string) fate {
	t.Helper()
	if sc.fate == shut {
		// What says so is in the log of the one or the other; a client that connects
		// nevertheless is not shut out.
		saw := make(chan string, 2)
		go func() { saw <- c.await(from, longest, sc.says, ready) }()
		go func() { saw <- s.await(0, longest, sc.says) }()
		first := <-saw
		if first == "" {
			first = <-saw
		}
		return map[string]fate{sc.says: shut, ready: works, "": "nothing happens"}[first]
	}
	switch {
	case c.await(from, longest, ready) == "":
		return shut
	case reaches(t, behind):
		return works
	}
	return deaf
}

func settingsOf(v vpc.Server) change.Settings {
	return change.Settings{
		change.Name: change.Text(v.Name), change.ClientIPPool: change.Text(v.ClientIPPool), change.LocalSubnet: change.Text(v.LocalSubnet),
		change.Proto: change.Text(v.Proto), change.Port: change.Number(v.Port), change.Cipher: change.Text(v.Cipher), change.Compress: change.Flag(v.Compress),
		change.EnableMultiFactorAuth: change.Flag(v.EnableMultiFactorAuth), change.IDaaSInstanceID: change.Text(v.IDaaSInstanceID), change.IDaaSRegionID: change.Text(v.IDaaSRegionID),
	}
}

// impact is what a plan says about the change.
func (sc scenario) impact(before vpc.Server) *impact.Impact {
	old := settingsOf(before)
	after := maps.Clone(old)
	maps.Copy(after, sc.patch)
	return impact.Of(impact.Input{Changed: change.Diff(old, sc.patch), Before: old, After: after, Host: serverAddress, MaxConnections: before.MaxConnections})
}

// apply changes the lines of a client's file that a plan prints, as a person would: a
// line that the file does not have is for other files.
func apply(text string, printed []impact.Line) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, l := range printed {
		if at := slices.Index(lines, l.Old); l.Old != "" && at >= 0 {
			lines[at] = l.New
		} else if l.Old == "" && !slices.Contains(lines, l.New) {
			lines = append(lines, l.New)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// handOut puts lines into a file that work before and after a change, instead of the
// line with the address.
func handOut(text string, ahead []string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	remote := func(line string) bool { return strings.HasPrefix(line, "remote ") }
	if slices.ContainsFunc(ahead, remote) {
		lines = slices.DeleteFunc(lines, remote)
	}
	return strings.Join(append(lines, ahead...), "\n") + "\n"
}
