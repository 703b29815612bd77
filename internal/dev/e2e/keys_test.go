package e2e_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// private are texts about connected people that no output may hold: the lines of
// their private keys, their names as users and their addresses.
func private() secrets {
	s := secrets{}
	for i := range 3 {
		for what, text := range map[string]string{
			"first line of key": fmt.Sprintf("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC%d", i),
			"last line of key":  fmt.Sprintf("q7Zt/Yk+3wKBgQDdE5f1xHnT0uVbLr9%d==", i),
			"user":              fmt.Sprintf("wang.xiaoming%d@corp.example", i),
			"address":           fmt.Sprintf("198.51.100.%d", 101+i),
		} {
			name := fmt.Sprintf("%s %d", what, i)
			s[name] = text
			s[name+", for URLs"] = url.QueryEscape(text)
			s[name+" in base64"] = base64.RawStdEncoding.EncodeToString([]byte(text))
			s[name+" in hex"] = hex.EncodeToString([]byte(text))
		}
	}
	return s
}

// connect gives a server clients and certificates whose keys are known.
func (h *harness) connect(t *testing.T, server string, of secrets) {
	t.Helper()
	c := vpc.Clients{ServerID: server}
	for i := range 3 {
		id := fmt.Sprintf("vsc-bp1%d%s", i, strings.TrimPrefix(server, "vss-bp1"))
		at := fmt.Sprintf(" %d", i)
		key := "-----BEGIN PRIVATE KEY-----\n" + of["first line of key"+at] + "\n" + of["last line of key"+at] + "\n-----END PRIVATE KEY-----\n"
		if err := h.VPC().AddCertificate(vpc.Certificate{ID: id, ServerID: server, Name: fmt.Sprintf("laptop-%d", i), Key: key}); err != nil {
			t.Fatal(err)
		}
		c.Clients = append(c.Clients, vpc.Client{Certificate: id, User: of["user"+at], IP: of["address"+at], Port: 40001 + i})
	}
	if err := h.VPC().SetClients(c); err != nil {
		t.Fatal(err)
	}
}

// Everything that shows whom a change concerns is done, at the highest log level, with
// and without multi-factor authentication; then the output, all objects and all
// answers are searched, and what the chat platforms were sent.
func TestNoKeyAndNoPersonGetsOut(t *testing.T) {
	t.Parallel()
	hidden := private()
	p := openConversation(t, chat.Slack, func(o *localcloud.Options) {
		o.Env = []string{"LOG_LEVEL=debug", "PLAN_DRY_RUN=on"}
		o.Timeout = shortTimeout
		o.Dir = t.TempDir() // Close removes its own
	})
	h := p.harness
	for _, server := range []string{serverID, otherID} {
		h.connect(t, server, hidden)
	}
	said := map[string]string{}
	for _, mfa := range []bool{false, true} {
		for _, server := range []string{serverID, otherID} {
			if err := h.VPC().UpdateServer(server, func(s *vpc.Server) { s.EnableMultiFactorAuth = mfa }); err != nil {
				t.Fatal(err)
			}
		}
		tellOfPeople(t, p, said, mfa)
	}
	h.quiet(t)
	state := h.VPC().Snapshot()
	said["the state of the VPC emulator"] = h.adminState(t)
	for _, platform := range chat.Platforms() {
		for _, m := range h.Chat().Messages(platform, chat.Room) {
			said["message "+m.ID] += fmt.Sprintf("%+v", m)
		}
	}
	h.readBucket(t, said)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	said["the function's log"] = h.printed()

	if n := state.Counts[vpc.DescribeSslVpnClientCert]; n != 0 {
		t.Errorf("the action that returns private keys was called %d times", n)
	}
	for _, action := range []string{vpc.DescribeSslVpnClients, vpc.DescribeSslVpnClientCerts, vpc.DescribeVpnGateway} {
		if state.Counts[action] == 0 {
			t.Errorf("%s was never called: the story is too short", action)
		}
	}
	var all strings.Builder
	for where, text := range said {
		all.WriteString(text)
		// The emulator's own state shows the clients, and no keys.
		for _, found := range hidden.find(text) {
			if where != "the state of the VPC emulator" || strings.Contains(found, "key") {
				t.Errorf("%s holds %s", where, found)
			}
		}
	}
	everything := all.String()
	for _, shown := range []string{"laptop-0", "vsc-bp10", `"connected":3`, `"new-file"`} {
		if !strings.Contains(everything, shown) {
			t.Errorf("%s is nowhere: the story is too short", shown)
		}
	}
}

// tellOfPeople does everything that shows whom a change concerns.
func tellOfPeople(t *testing.T, p *conversation, said map[string]string, mfa bool) {
	t.Helper()
	h, port, condition := p.harness, 1200, "when=idle(50) "
	if mfa {
		port, condition = 1300, "" // it would wait for the clients that the first change disconnected
	}
	tag := fmt.Sprintf(" with mfa=%v", mfa)
	for i, c := range []struct{ method, path, body string }{
		{"POST", "/v1/plans", portChange(port)},
		{"POST", "/v1/plans", strings.Replace(portChange(port), fmt.Sprintf("Port: %d", port), "ClientIpPool: 10.77.0.0/24", 1)},
		{"POST", "/v1/changes", portChange(port + 1)},
	} {
		a := h.gets(t, c.method, c.path, fmt.Sprintf("people-%d-%d", port, i), c.body)
		said[c.path+strconv.Itoa(i)+tag] = a.body
	}
	h.quiet(t)
	h.drop(t, fmt.Sprintf("changes/people-%d.yaml", port), portChange(port+2))
	h.quiet(t)
	file := document(t, "people.yaml", portChange(port+3))
	for _, args := range [][]string{{"submit", "--plan", file}, {"submit", "--json", "--plan", file}, {"submit", "--wait", "20s", file}} {
		c := h.vpnctl(t, args...)
		said["vpnctl "+strings.Join(args, " ")+tag] = c.out + c.err
	}
	p.say(chat.Mei, fmt.Sprintf("plan office-hangzhou port=%d", port))
	asked := p.say(chat.Mei, fmt.Sprintf("apply office-hangzhou port=%d %sreason=people", port, condition))
	id := p.id(asked)
	p.say(chat.Jun, "status "+id)
	p.say(chat.Jun, "approve "+id)
	p.click(chat.Jun, asked, "approve")
	p.next("the approval")
	p.say(chat.Mei, "status "+id)
	p.say(chat.Mei, "history office-hangzhou")
}

// adminState is the state that the control surface of the VPC emulator shows.
func (h *harness) adminState(t *testing.T) string {
	t.Helper()
	data, err := json.Marshal(h.VPC().Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// readBucket adds every object to what was said.
func (h *harness) readBucket(t *testing.T, said map[string]string) {
	t.Helper()
	err := filepath.WalkDir(h.BucketDir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		said[path] = path + "\n" + string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
