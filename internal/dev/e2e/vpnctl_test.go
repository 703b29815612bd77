package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

// command is the result of a run of vpnctl.
type command struct {
	code     int
	out, err string
}

// vpnctl runs the operator's command in its own environment.
func (h *harness) vpnctl(t *testing.T, args ...string) command {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary(t, binaries.vpnctl), args...)
	cmd.Env = []string{"SSLVPN_URL=" + h.URL(), "SSLVPN_SECRET_FILE=" + h.SecretFile()}
	cmd.Dir = t.TempDir()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return command{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// ends asserts the exit status and what is printed, on either stream.
func (c command) ends(t *testing.T, code int, says ...string) {
	t.Helper()
	if c.code != code {
		t.Errorf("exit status %d, want %d; it printed\n%s%s", c.code, code, c.out, c.err)
	}
	for _, s := range says {
		if !strings.Contains(c.out+c.err, s) {
			t.Errorf("the command does not say %q but\n%s%s", s, c.out, c.err)
		}
	}
}

// document writes a change document to a file.
func document(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The usual commands of an operator, against the real function.
func TestVpnctlAgainstTheFunction(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	good, bad := document(t, "port.yaml", portChange(1195)), document(t, "bad.yaml", portChange(443))

	h.vpnctl(t, "validate", good).ends(t, 0, "port.yaml: valid, 1 change")
	h.vpnctl(t, "validate", good, bad).ends(t, 1, "bad.yaml:3: changes[0].Port: ", "[port-reserved]")
	h.vpnctl(t, "submit", "--plan", good).ends(t, 0, serverID+" (cn-hangzhou)", "Port  1194 → 1195")
	if n := h.VPC().Snapshot().Effective; n != 0 {
		t.Fatalf("a plan sent %d modifications", n)
	}
	h.vpnctl(t, "submit", bad).ends(t, 1, "[port-reserved]", "422")

	submitted := h.vpnctl(t, "submit", "--id", "day-1", good)
	submitted.ends(t, 0, "applied", "Port  1194 → 1195", "verified by reading back")
	id := regexp.MustCompile(`\d{8}-[a-z2-7]{26}`).FindString(submitted.out)
	h.vpnctl(t, "status", id).ends(t, 0, id, "applied")
	h.vpnctl(t, "submit", "--id", "day-1", good).ends(t, 0, id, "applied")
	h.vpnctl(t, "status", "20261122-aaaaaaaaaa").ends(t, 1, "404")
	h.vpnctl(t, "submit", "--region", region, "--server", serverID, "--set", "Port=1195").ends(t, 0, "unchanged")
	outcomeOfDay(t, h)
}

// outcomeOfDay: one change applied, one unchanged.
func outcomeOfDay(t *testing.T, h *harness) {
	t.Helper()
	h.quiet(t)
	records, err := h.records()
	if err != nil || len(records) != 2 {
		t.Errorf("%d records, want 2: %v", len(records), err)
	}
	if s := h.VPC().Snapshot(); s.Effective != 1 {
		t.Errorf("%d modifications, want 1", s.Effective)
	}
}

func TestVpnctlSaysWhatTheFunctionRefuses(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *localcloud.Options) { o.Env = []string{"CHANGE_BUCKET=no-such-bucket"} })
	h.vpnctl(t, "status", "20261122-aaaaaaaaaa").ends(t, 1, "503", "cannot do this now")
	stranger := document(t, "secret", "whsec_"+strings.Repeat("QUJD", 8))
	h.vpnctl(t, "status", "--secret-file", stranger, "20261122-aaaaaaaaaa").ends(t, 1, "401")
}
