package clients_test

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

var useClients = flag.Bool("clients", false, "fetch the vendor's clients and run them against a local cloud")

//go:embed testdata/package.json testdata/clients.js
var files embed.FS

// result is one line that a client's driver prints.
type result struct {
	Client string `json:"client"`
	Check  string `json:"check"`
	Error  string `json:"error"`
}

// explained says why a check fails although the emulators are right: client, a slash, and the
// check. It is empty: nothing fails.
func explained() map[string]string { return map[string]string{} }

func TestClients(t *testing.T) {
	t.Parallel()
	if !*useClients {
		t.Skip("needs npm and the Go module proxy: make clients")
	}
	cloud := start(t)
	env := environment(t, cloud)
	var all []result
	all = append(all, javascript(t, env)...)
	all = append(all, golang(t, env)...) // deletes a server
	all = append(all, ossutil(t, cloud, env)...)
	report(t, all)
}

// start runs the local cloud as vpnctl local does, with gateways that are free soon.
func start(t *testing.T) *localcloud.Cloud {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "function")
	if err := localcloud.Build(t.Context(), "github.com/sslvpn-change/sslvpn-change", binary); err != nil {
		t.Fatal(err)
	}
	c, err := localcloud.Start(t.Context(), localcloud.Options{
		Function: binary, Dir: t.TempDir(), Keep: true, People: true, Policy: localcloud.Policy(), Configuring: 300 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// environment is what the file of the local cloud sets, and what the drivers ask for.
func environment(t *testing.T, c *localcloud.Cloud) []string {
	t.Helper()
	text, err := os.ReadFile(c.EnvFile())
	if err != nil {
		t.Fatal(err)
	}
	server, office := localcloud.Servers()[0], localcloud.Servers()[1]
	env := []string{
		"BUCKET=" + localcloud.Bucket, "SERVER=" + server.ID, "GATEWAY=" + server.GatewayID,
		"OFFICE=" + office.ID, "OFFICE_GATEWAY=" + office.GatewayID,
	}
	for line := range strings.Lines(string(text)) {
		if set, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			env = append(env, set)
		}
	}
	return env
}

// run runs a command and gives what it printed.
func run(t *testing.T, dir string, env []string, command ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, append(cmd.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, errs.String())
	}
	return out.String(), err
}

// golang runs the SDKs for Go.
func golang(t *testing.T, env []string) []result {
	t.Helper()
	out, err := run(t, filepath.Join("testdata", "gosdk"), env, "go", "run", ".")
	if err != nil {
		t.Error(err)
	}
	return parse(t, out)
}

// javascript installs the clients by npm into a temporary folder and runs them. Without
// npm, they are left out.
func javascript(t *testing.T, env []string) []result {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Log("npm is not installed: no JavaScript clients")
		return nil
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "clients.js"} {
		data, err := files.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := run(t, dir, env, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"); err != nil {
		t.Log("no JavaScript clients: " + err.Error())
		return nil
	}
	out, err := run(t, dir, env, "node", "clients.js")
	if err != nil {
		t.Error(err)
	}
	return parse(t, out)
}

// ossutil runs the README's command where ossutil is installed.
func ossutil(t *testing.T, c *localcloud.Cloud, env []string) []result {
	t.Helper()
	if _, err := exec.LookPath("ossutil"); err != nil {
		t.Log("ossutil is not installed")
		return nil
	}
	file := filepath.Join(t.TempDir(), "hotel.yaml")
	server := localcloud.Servers()[0]
	text := fmt.Sprintf("reason: by ossutil\nchanges:\n  - {RegionId: %s, SslVpnServerId: %s, Name: by-ossutil}\n", server.RegionID, server.ID)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := result{Client: "ossutil", Check: "cp of a change file gets its receipt"}
	if _, err := run(t, ".", env, "ossutil", "cp", file, "oss://"+localcloud.Bucket+"/changes/hotel.yaml"); err != nil {
		r.Error = err.Error()
		return []result{r}
	}
	if err := c.FC().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	receipts, err := filepath.Glob(filepath.Join(c.BucketDir(), "receipts", "hotel.yaml@*"))
	if err != nil || len(receipts) != 1 {
		r.Error = fmt.Sprintf("receipts %v, %v", receipts, err)
		return []result{r}
	}
	receipt, err := os.ReadFile(receipts[0])
	if err != nil || bytes.Contains(receipt, []byte(`"rejected"`)) {
		r.Error = fmt.Sprintf("%s %v", receipt, err)
	}
	return []result{r}
}

func parse(t *testing.T, out string) []result {
	t.Helper()
	var all []result
	for line := range strings.Lines(out) {
		var r result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Errorf("a driver printed %q", line)
			continue
		}
		all = append(all, r)
	}
	return all
}

// report prints a table of what passed and failed, and every failure.
func report(t *testing.T, all []result) {
	t.Helper()
	passed, failed := map[string]int{}, map[string]int{}
	var failures []error
	for _, r := range all {
		if r.Error == "" {
			passed[r.Client]++
			continue
		}
		passed[r.Client] += 0
		failed[r.Client]++
		if why := explained()[r.Client+"/"+r.Check]; why != "" {
			t.Logf("%s, %s: fails, because %s", r.Client, r.Check, why)
			continue
		}
		failures = append(failures, fmt.Errorf("%s, %s: %s", r.Client, r.Check, r.Error))
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "client\tpassed\tfailed") // a strings.Builder does not fail
	for _, name := range slices.Sorted(maps.Keys(passed)) {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\n", name, passed[name], failed[name])
	}
	_ = w.Flush()
	t.Log("\n" + table.String())
	if err := errors.Join(failures...); err != nil {
		t.Error(err)
	}
	if len(all) == 0 {
		t.Error("no client ran")
	}
}
