package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

const repositoryRoot = "../../.."

// errNoHistory says that the previous release is not in this clone.
var errNoHistory = errors.New("the commit of .ci/previous-release is not here: this is a source archive or a shallow clone, so upgrades are not tested (git fetch --unshallow)")

// previousBinary is the function of the previous release, built once from Git's history
// with the flags of today.
var previousBinary = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile(filepath.Join(repositoryRoot, ".ci", "previous-release"))
	if err != nil {
		return "", err
	}
	commit, _, _ := strings.Cut(string(text), "\n")
	ctx := context.Background() // it outlives the first test that needs it
	run := func(dir, name string, args ...string) error {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir = dir
		cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s %s: %w\n%s", name, args[0], err, out)
		}
		return nil
	}
	if run(repositoryRoot, "git", "cat-file", "-e", commit+"^{commit}") != nil {
		return "", errNoHistory
	}
	source := filepath.Join(binDir, "previous")
	tar, out := source+".tar", source+"-function"
	return out, errors.Join(
		os.MkdirAll(source, 0o750),
		run(repositoryRoot, "git", "archive", "-o", tar, commit),
		run(source, "tar", "-xf", tar),
		run(source, "go", append(append([]string{"build"}, localcloud.BuildFlags()...), "-o", out, ".")...),
	)
})

// versions are the programs of the previous release and of this commit.
func versions(t *testing.T) (before, now string) {
	t.Helper()
	if testing.Short() {
		t.Skip("it builds the previous release: make upgrade")
	}
	before, err := previousBinary()
	if errors.Is(err, errNoHistory) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return before, binary(t, binaries.function)
}

// link points a path at a program, for instances that start from now on.
func link(t *testing.T, path, program string) {
	t.Helper()
	if err := errors.Join(os.Symlink(program, path+".new"), os.Rename(path+".new", path)); err != nil {
		t.Fatal(err)
	}
}
