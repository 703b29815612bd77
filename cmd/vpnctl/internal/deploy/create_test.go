package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
)

// entries lists the names in a folder.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

// TestTwoAtOnce creates one file many times at once: one succeeds, and its secrets
// stay.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, ".env.deploy")
	const many = 16
	texts, errs := make([]string, many), make([]error, many)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range many {
		texts[i] = fresh(t)
		all.Go(func() {
			<-start
			errs[i] = deploy.Create(path, []byte(texts[i]))
		})
	}
	close(start)
	all.Wait()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	succeeded := 0
	for i := range many {
		switch {
		case errs[i] == nil && string(data) == texts[i]:
			succeeded++
		case errs[i] == nil:
			t.Error("a file that was created is not there")
		case !strings.Contains(errs[i].Error(), "exists"):
			t.Error(errs[i])
		}
	}
	if left := entries(t, dir); succeeded != 1 || len(left) != 1 {
		t.Errorf("%d succeeded, left are %v", succeeded, left)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, path := range map[string]string{
		"no such folder": filepath.Join(dir, "none", ".env.deploy"),
		"no folder":      filepath.Join(os.DevNull, ".env.deploy"),
		"system":         "/proc/self/.env.deploy",
	} {
		if err := deploy.Create(path, []byte(fresh(t))); err == nil {
			t.Errorf("%s: created", name)
		}
	}
}

// TestAFullDisk creates and changes a file on a file system without room: an error, and
// what was there before stays whole.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=8k", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("this test needs the right to mount: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", dir).Run() })
	path := filepath.Join(dir, ".env.deploy")
	if err := deploy.Create(path, []byte(fresh(t))); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := deploy.Rotate(path, linux, "bot", deploy.Begin); err == nil || !strings.Contains(err.Error(), "space") {
		t.Errorf("got %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file was damaged: %v", err)
	}
	if err := deploy.Create(filepath.Join(dir, ".env.other"), []byte(fresh(t))); err == nil {
		t.Error("created")
	}
	if got := strings.Join(entries(t, dir), " "); got != ".env.deploy filler" {
		t.Errorf("left are %s", got)
	}
}

// git runs git in a folder.
func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestOnlyWhereGitIgnoresIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "sub", ".env.deploy")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := deploy.Ignored(t.Context(), path, os.Environ()); err != nil {
		t.Errorf("outside of a working copy: %v", err)
	}
	git(t, dir, "init", "-q")
	ignore := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ rules, want string }{
		{"", "git does not ignore"},
		{".env.deploy\n", ".env.deploy.1.tmp"},
		{".env.*\n", "#.env.deploy"},
		{".env.*\n.\\#.env.*\n\\#.env.*\n!.env.deploy\n", "git does not ignore"},
		{repositoryFile(t, ".gitignore"), ""},
	} {
		ignore(c.rules)
		err := deploy.Ignored(t.Context(), path, append(os.Environ(), "GIT_DIR="+t.TempDir()))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %q: %v", c.rules, err)
		}
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "-f", path)
	if err := deploy.Ignored(t.Context(), path, os.Environ()); err == nil {
		t.Error("a file that git has already counts as ignored")
	}
}
