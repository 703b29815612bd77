package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// check makes a release of the commit twice, and compares all bytes: from a source
// archive, and from a clone with another path and other times, whose compiler starts
// without a cache.
func check(ctx context.Context, out io.Writer, src source) error {
	if src.commit == "" || src.dirty {
		return errors.New("a release is checked in a clone whose work tree has no changes")
	}
	work, err := os.MkdirTemp("", "sslvpn-change-check-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	archive, clone := filepath.Join(work, "a"), filepath.Join(work, "another", "folder")
	if err := unpack(ctx, src, archive); err != nil {
		return err
	}
	if _, err := git(ctx, src.dir, "clone", "--quiet", "--no-hardlinks", ".", clone); err != nil {
		return err
	}
	if err := older(clone, src.time); err != nil {
		return err
	}
	first, err := once(ctx, out, src, maker{source: source{dir: archive}, work: filepath.Join(work, "1"), out: filepath.Join(work, "first")})
	if err != nil {
		return err
	}
	second, err := once(ctx, out, src, maker{source: source{dir: clone}, work: filepath.Join(work, "2"), out: filepath.Join(work, "second"), cache: filepath.Join(work, "cache")})
	if err != nil {
		return err
	}
	if !bytes.Equal(first, second) {
		return fmt.Errorf("the two are not the same:\n%s\n%s", first, second)
	}
	_, _ = fmt.Fprintf(out, "the same, twice:\n%s", first)
	return nil
}

// once makes the release of a commit in another folder, and gives the sums of its files.
func once(ctx context.Context, out io.Writer, src source, m maker) ([]byte, error) {
	start := time.Now()
	from, err := readSource(ctx, m.dir, "")
	if err != nil {
		return nil, err
	}
	if from.commit != src.commit || !from.time.Equal(src.time) {
		return nil, fmt.Errorf("%s is of commit %q, not %s", m.dir, from.commit, src.commit)
	}
	from.version, from.tag = src.version, src.tag // of an explicit version, nothing there knows
	m.source = from
	if err := os.MkdirAll(m.out, 0o750); err != nil {
		return nil, err
	}
	if err := m.all(ctx); err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(out, "made in %s in %.0f s\n", m.dir, time.Since(start).Seconds())
	return os.ReadFile(filepath.Join(m.out, "SHA256SUMS"))
}

// unpack makes a source archive and unpacks it.
func unpack(ctx context.Context, src source, to string) error {
	tar := to + ".tar"
	if _, err := git(ctx, src.dir, "archive", "--prefix="+filepath.Base(to)+"/", "-o", tar, "HEAD"); err != nil {
		return err
	}
	return maker{source: source{dir: filepath.Dir(to)}}.run(ctx, os.Environ(), "tar", "-xf", tar) //nolint:forbidigo // of a tool
}

// older gives all files of a folder another time.
func older(dir string, at time.Time) error {
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, at, at.Add(-24*time.Hour)) //nolint:gosec // G122: a folder of its own
	})
}
