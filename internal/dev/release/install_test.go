package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"

	"github.com/sslvpn-change/sslvpn-change/internal/version"
)

// TestGoInstall installs vpnctl by its name from a module proxy: a folder with the commit
// as v0.1.0, and the cache of the modules that it needs. This is what everybody can do
// who reaches a proxy that has the module.
func TestGoInstall(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it compiles vpnctl: make install-check")
	}
	root := "../../.."
	src, err := readSource(t.Context(), root, "")
	if err != nil {
		t.Fatal(err)
	}
	if src.commit == "" {
		t.Skip("this is no clone: there is no commit to install")
	}
	const tag = "v0.1.0"
	dir := t.TempDir()
	clone := filepath.Join(dir, "clone")
	for _, args := range [][]string{{"clone", "--quiet", src.dir, clone}, {"-C", clone, "checkout", "--quiet", src.commit}, {"-C", clone, "tag", tag}} {
		if _, err := git(t.Context(), dir, args...); err != nil {
			t.Fatal(err)
		}
	}
	proxy := filepath.Join(dir, "proxy")
	size := publish(t, clone, proxy, tag, src.time)
	cache, err := goCommand(t.Context(), root, "env", "GOMODCACHE")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin")
	command(t, dir, []string{
		"GOPROXY=file://" + proxy + ",file://" + filepath.Join(strings.TrimSpace(string(cache)), "cache", "download"), "GONOSUMDB=*", "GOFLAGS=-modcacherw -trimpath",
		"GOMODCACHE=" + filepath.Join(dir, "modules"), "GOBIN=" + bin, "CGO_ENABLED=0", "GOTOOLCHAIN=local",
	}, "go", "install", modulePath+"/cmd/vpnctl@"+tag)
	vpnctl := filepath.Join(bin, "vpnctl")
	if got := strings.TrimSpace(command(t, dir, nil, vpnctl, "--version")); got != "vpnctl "+tag {
		t.Errorf("it prints %q", got)
	}
	var shown version.Build
	if err := json.Unmarshal([]byte(command(t, dir, nil, vpnctl, "version", "--json")), &shown); err != nil || shown.Version != tag || shown.Go != runtime.Version() {
		t.Errorf("it shows %+v, %v", shown, err)
	}
	t.Logf("the module has %d bytes", size)
}

// publish writes a version of the module in a clone into the folder of a proxy, and gives
// the size of its zip.
func publish(t *testing.T, clone, proxy, tag string, at time.Time) int {
	t.Helper()
	v := module.Version{Path: modulePath, Version: tag}
	to := filepath.Join(proxy, filepath.FromSlash(modulePath), "@v")
	if err := os.MkdirAll(to, 0o750); err != nil {
		t.Fatal(err)
	}
	var zip bytes.Buffer
	if err := modzip.CreateFromVCS(&zip, v, clone, tag, ""); err != nil {
		t.Fatalf("the tag is not a module: %v", err)
	}
	mod, err := os.ReadFile(filepath.Join(clone, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := json.Marshal(map[string]any{"Version": tag, "Time": at})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"list": []byte(tag + "\n"), tag + ".info": info, tag + ".mod": mod, tag + ".zip": zip.Bytes()} {
		if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return zip.Len()
}

func command(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}
