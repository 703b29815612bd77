package mcp_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// vpnctl builds the command.
func vpnctl(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "vpnctl")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/sslvpn-change/sslvpn-change/cmd/vpnctl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// command is vpnctl mcp for a sender.
func (w *harness) command(binary, sender string) *exec.Cmd {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), binary, "mcp")
	c.Env = []string{"SSLVPN_URL=" + w.cloud.URL(), "SSLVPN_SECRET=" + w.secrets[sender], "HOME=" + w.t.TempDir()}
	return c
}

// The real binary, on its standard input and output.
func TestVpnctlMCP(t *testing.T) {
	t.Parallel()
	w, binary := newHarness(t), vpnctl(t)
	s := connect(t, &sdk.CommandTransport{Command: w.command(binary, "robot")})
	tools, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range tools.Tools {
		a := tool.Annotations
		writes := tool.Name == "propose"
		if tool.Description == "" || tool.OutputSchema == nil || a == nil || a.ReadOnlyHint == writes || !a.IdempotentHint || writes != (a.DestructiveHint != nil && *a.DestructiveHint) {
			t.Errorf("%s: %+v, %q", tool.Name, a, tool.Description)
		}
		if schema, ok := tool.InputSchema.(map[string]any); !ok || schema["additionalProperties"] == nil {
			t.Errorf("%s takes anything: %v", tool.Name, tool.InputSchema)
		}
	}
	if !slices.ContainsFunc(tools.Tools, func(tool *sdk.Tool) bool { return tool.Name == "propose" }) {
		t.Error("propose is not offered")
	}
	id := s.proposes(2223, "a new port", "confirm", "10m", "expect", map[string]any{"Proto": "UDP"})
	out := s.takes("status", map[string]any{"change": id})
	c, _ := out["change"].(map[string]any)
	if c["waitsFor"] != "approval" || c["approvalsNeeded"] != 1.0 || c["byAssistant"] != true || c["confirm"] != "10m" {
		t.Errorf("its status is %v", out)
	}
	if ch := w.approve(id); !ch.Origin.Assistant || w.port(testServer) != 2223 {
		t.Errorf("it ended as %+v", ch.Record)
	}
	for tool, args := range map[string]map[string]any{"servers": nil, "history": {"server": "test"}, "list": {"status": "ended"}, "windows": {"server": "office", "days": 1}, "status": {"server": "test"}} {
		if data, err := json.Marshal(s.takes(tool, args)); err != nil || len(data) < 20 {
			t.Errorf("%s: %s, %v", tool, data, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	// A message that is too large ends the session, and proposes nothing.
	huge := w.command(binary, "robot")
	huge.Stdin = strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"` + strings.Repeat("x", 2<<20) + `"}}` + "\n")
	if out, err := huge.CombinedOutput(); len(out) > 4096 || strings.Contains(string(out), "xxxx") {
		t.Errorf("%v: %.500s", err, out)
	}
	// A person's secret is refused, with the way out.
	for sender, want := range map[string]string{"mei": "assistant: true", "stranger": "belongs to no person"} {
		out, err := w.command(binary, sender).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) || strings.Contains(string(out), w.secrets[sender][6:]) {
			t.Errorf("%s: %v: %s", sender, err, out)
		}
	}
}
