package folder_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/folder"
)

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string, fresh bool) *folder.Folder {
	t.Helper()
	f, err := folder.Open(dir, fresh)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestStartingAnewRemovesTheStateAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"oss/bucket/a.yaml", "oss/.oss/bucket/journal.jsonl", "vpc.json", "state.json", "secret", "notes.txt", "oss-backup/a"} {
		write(t, dir, name, "{damaged")
	}
	write(t, dir, "vpc.json-123", "left by a process that was killed")
	if _, err := folder.Open(dir, false); err == nil {
		t.Fatal("a damaged mark was taken")
	}
	if err := open(t, dir, true).Close(); err != nil {
		t.Fatal(err)
	}
	for name, stays := range map[string]bool{"oss": false, "vpc.json": false, "secret": true, "notes.txt": true, "oss-backup/a": true, "vpc.json-123": false} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != stays {
			t.Errorf("%s: %v, should stay: %t", name, err, stays)
		}
	}
	if err := open(t, dir, false).Close(); err != nil {
		t.Error(err)
	}
}

func TestFoldersOfOtherVersions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"version": 1}`: "",
		`{"version": 2}`: "version 2",
		`{"version": 0}`: "no version",
		`{}`:             "no version",
		`{"version":`:    "unexpected end",
		`null`:           "no version",
		"\x00":           "invalid character",
	} {
		dir := t.TempDir()
		write(t, dir, "state.json", text)
		f, err := folder.Open(dir, false)
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", text, err)
			} else if err := f.Close(); err != nil {
				t.Error(err)
			}
			continue
		}
		no, ok := errors.AsType[*folder.UnreadableError](err)
		if !ok || no.Path != filepath.Join(dir, "state.json") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error about %q", text, err, want)
		}
	}
	// A folder of before there was a mark, with a bucket and a secret.
	dir := t.TempDir()
	write(t, dir, "secret", "demo=whsec_x")
	write(t, dir, "oss/bucket/a", "x")
	if err := open(t, dir, false).Close(); err != nil {
		t.Error(err)
	}
}

func TestOneProcessUsesAFolder(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("has no lock")
	}
	dir := t.TempDir()
	first := open(t, dir, false)
	write(t, dir, "oss/bucket/a", "x")
	for _, fresh := range []bool{false, true} {
		if _, err := folder.Open(dir, fresh); !errors.Is(err, folder.ErrInUse) || !strings.Contains(err.Error(), dir) {
			t.Errorf("a second one: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(first.Objects(), "bucket", "a")); err != nil {
		t.Errorf("the second one removed the state: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir, false).Close(); err != nil {
		t.Error(err)
	}
}

func TestFilesAreReplacedWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, text := range []string{"one", "two"} {
		if err := folder.Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
	if err := folder.Write(filepath.Join(dir, "none", "a"), nil); err == nil {
		t.Error("wrote into a folder that is not there")
	}
}
