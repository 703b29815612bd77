package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/sslvpn-change/sslvpn-change/internal/version"
)

// source is what a build is made from.
type source struct {
	dir     string
	version string    // "v0.1.0", a pseudo-version, or version.Devel
	commit  string    // 40 hexadecimal digits; "" where it is not known
	time    time.Time // of the commit, in UTC; that of oldest where it is not known
	tag     string    // of this commit; "" for none
	dirty   bool      // there are files that the commit does not have
}

// oldest is the earliest time that a zip can hold.
func oldest() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

// readSource reads the version of the source in a folder: an explicit one, else that of
// Git, by the rules of the go command, else that of a source archive (.ci/archived).
func readSource(ctx context.Context, dir, explicit string) (source, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return source{}, err
	}
	src, err := ofGit(ctx, dir)
	if errors.Is(err, errNoGit) {
		src, err = ofArchive(dir)
	}
	if err != nil {
		return source{}, err
	}
	src.dir = dir
	if explicit == "" {
		return src, nil
	}
	if semver.Canonical(explicit) != explicit {
		return source{}, fmt.Errorf("VERSION is %q: want vMAJOR.MINOR.PATCH, perhaps with -PRERELEASE, such as v0.1.0 or v0.2.0-rc.1", explicit)
	}
	src.version = explicit
	return src, nil
}

// stamp is what package version reads.
func (s source) stamp() string {
	if s.commit == "" {
		return s.version
	}
	return s.version + "@" + s.commit
}

// releasable says why no release can be made, if so.
func (s source) releasable(snapshot bool) error {
	switch {
	case s.dirty:
		return errors.New("the work tree has changes: commit them, or remove them (git status --short lists them)")
	case snapshot && s.version == version.Devel:
		return errors.New("there is no version here: say VERSION=v0.1.0-snapshot.1")
	case snapshot:
		return nil
	case s.tag == "":
		return errors.New("the commit has no tag: tag it (git tag -a v0.1.0), or make a trial with SNAPSHOT=1, and with VERSION=v0.1.0-rc.1 if it is to have another version")
	case s.version != s.tag:
		return fmt.Errorf("VERSION is %s, and the commit's tag is %s: leave VERSION out", s.version, s.tag)
	}
	return nil
}

var errNoGit = errors.New("not a clone")

// ofGit gives what Git says.
func ofGit(ctx context.Context, dir string) (source, error) {
	top, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil || !sameFolder(top, dir) { // perhaps an archive, unpacked inside of another clone
		return source{}, errNoGit
	}
	// Of a repository without commits there is nothing to know.
	head, err := git(ctx, dir, "show", "-s", "--format=%H %ct", "HEAD")
	if err != nil {
		return source{}, errNoGit
	}
	commit, at, _ := strings.Cut(head, " ")
	changed, err := git(ctx, dir, "status", "--porcelain")
	if err != nil {
		return source{}, err
	}
	here, err := git(ctx, dir, "tag", "--points-at", "HEAD")
	if err != nil {
		return source{}, err
	}
	before, err := git(ctx, dir, "tag", "--merged", "HEAD")
	if err != nil {
		return source{}, err
	}
	src := source{commit: commit, tag: newest(here), dirty: changed != ""}
	if src.time, err = seconds(at); err != nil {
		return source{}, err
	}
	src.version = cmp.Or(src.tag, pseudo(newest(before), src.time, commit))
	if src.dirty {
		src.version += "+dirty"
	}
	return src, nil
}

// archived is the file of a source archive that says what it was made from: Git replaces
// the words in dollar signs ($Format$) when it makes one.
const archived = ".ci/archived"

// ofArchive gives what a source archive says.
func ofArchive(dir string) (source, error) {
	nothing := source{version: version.Devel, time: oldest()}
	data, err := os.ReadFile(filepath.Join(dir, archived)) //nolint:gosec // G304: a file of the source
	if errors.Is(err, os.ErrNotExist) || bytes.Contains(data, []byte("$Format")) {
		return nothing, nil
	}
	if err != nil {
		return source{}, err
	}
	values := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			values[name] = value
		}
	}
	src := source{commit: values["commit"]}
	if src.time, err = seconds(values["time"]); err != nil {
		return source{}, fmt.Errorf("%s: %w", archived, err)
	}
	// "v0.1.0", or "v0.1.0-7-gfd60090" for the seventh commit after it.
	tag := values["describe"]
	if of := regexp.MustCompile(`^(v.+)-\d+-g[0-9a-f]+$`).FindStringSubmatch(tag); of != nil {
		src.version = pseudo(newest(of[1]), src.time, src.commit)
		return src, nil
	}
	src.tag = newest(tag)
	src.version = cmp.Or(src.tag, pseudo("", src.time, src.commit))
	return src, nil
}

// newest is the highest of tags that are versions of this module; "" for none.
func newest(tags string) string {
	found := ""
	for tag := range strings.FieldsSeq(tags) {
		ours := semver.Canonical(tag) == tag && module.MatchPathMajor(tag, "") && !module.IsPseudoVersion(tag)
		if ours && semver.Compare(tag, found) > 0 {
			found = tag
		}
	}
	return found
}

// pseudo is the version of a commit after a tag, or "".
func pseudo(tag string, at time.Time, commit string) string {
	const digits = 12
	return module.PseudoVersion(cmp.Or(semver.Major(tag), "v0"), tag, at, commit[:min(digits, len(commit))])
}

func seconds(text string) (time.Time, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("the time of the commit: %w", err)
	}
	return time.Unix(n, 0).UTC(), nil
}

func sameFolder(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b) //nolint:gosec // G703: nothing is read
	return errX == nil && errY == nil && os.SameFile(x, y)
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...) //nolint:gosec // G204: subcommands of this file
	cmd.Dir = dir
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, failed.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}
