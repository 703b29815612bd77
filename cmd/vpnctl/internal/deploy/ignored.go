package deploy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Ignored fails unless git ignores a file, the copies of it that editors make, and
// what this package writes beside it. Outside of a working copy there is nothing to
// ignore. The environment is that of the process: its variables of git, which a hook
// has, are left out.
func Ignored(ctx context.Context, path string, environ []string) error {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	if !workingCopy(dir) {
		return nil
	}
	base := filepath.Base(path)
	for _, name := range []string{base, base + ".1.tmp", base + ".last", base + ".lock", base + "~", base + ".swp", base + ".bak", ".#" + base, "#" + base + "#"} {
		git := exec.CommandContext(ctx, "git", "check-ignore", "--quiet", "--", name) //nolint:gosec // a fixed command; the name follows "--"
		git.Dir = dir
		git.Env = slices.DeleteFunc(slices.Clone(environ), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
		out, err := git.CombinedOutput()
		exit, ran := errors.AsType[*exec.ExitError](err)
		switch {
		case err == nil:
		case ran && exit.ExitCode() == 1:
			return fmt.Errorf("git does not ignore %s, and would publish its secrets with the next commit: "+
				"add the lines \".env.*\", \".#.env.*\" and \"\\#.env.*\" to .gitignore, or give a file outside of the working copy", filepath.Join(filepath.Dir(path), name))
		default:
			return fmt.Errorf("%s is in a working copy of git, and git does not say whether it ignores %s: %s", dir, name, strings.TrimSpace(err.Error()+" "+string(out)))
		}
	}
	return nil
}

// workingCopy reports whether a folder is in a working copy of git.
func workingCopy(dir string) bool {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return false
		}
		dir = parent
	}
}
