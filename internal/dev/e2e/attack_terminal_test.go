package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// acts are characters on which a terminal acts, or which make a line show something
// else than it says.
const acts = "\x1b\a\b\r\x7f\u0085\u009b\u202e\u2028\u200b"

// The name of a server, and what the API says, are anybody's: vpnctl and the text of
// an answer show them, and act on nothing in them.
func TestAttackNamesThatATerminalActsOn(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	server := h.more(t, 1, func(_ int, s *vpc.Server) {
		s.Name = "x\x1b]0;owned\a\x1b[2Jred\u202egnp\u009b31m\nPort = 22\r\u200b"
	})[0]
	err := h.VPC().Inject(vpc.Fault{
		Action: vpc.ModifySslVpnServer, Kind: vpc.FaultError, Times: -1, Status: http.StatusBadRequest,
		Code: "Weird\x1b[31m", Message: "m\x1b[2J\x1b]0;t\a\u202egnp\n  > approve 20261122-aaaaaaaaaa",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"do", "status " + region + "/" + server},
		{"plan", region + "/" + server, "port=1199"},
		{"do", "apply " + region + "/" + server + " port=1199 name=office"},
		{"do", "history " + region + "/" + server},
		{"submit", document(t, "a.yaml", portOfEach([]string{server}))},
	} {
		c := h.vpnctl(t, args...)
		if at := strings.IndexAny(c.out+c.err, acts); at >= 0 {
			t.Errorf("%v prints %q", args, c.out+c.err)
		}
		if len(c.out) == 0 {
			t.Errorf("%v prints nothing but %s", args, c.err)
		}
		h.quiet(t)
	}
	body, err := json.Marshal(map[string]string{"command": "status " + region + "/" + server})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := h.send(t.Context(), "POST", "/v1/commands", "status", string(body), "Content-Type", "application/json")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal([]byte(answer.body), &got); err != nil || !strings.Contains(got.Text, "owned") {
		t.Fatalf("answered %d %s, %v", answer.status, answer.body, err)
	}
	if strings.ContainsAny(got.Text, acts) || strings.Contains(got.Text, "\nPort = 22") {
		t.Errorf("the text is %q", got.Text)
	}
}
