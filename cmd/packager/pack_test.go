package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program returns a file that checkBinary accepts as a Linux program.
func program(machine byte) []byte {
	p := bytes.Repeat([]byte("function "), 1000)
	copy(p, "\x7fELF")
	p[18] = machine
	return p
}

func write(t *testing.T, path string, content []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, content, mode); err != nil {
		t.Fatal(err)
	}
}

func TestThePackageHoldsOneExecutable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "main"), filepath.Join(dir, "function.zip")
	write(t, in, program(0x3e), 0o600) // no execute bit, as on some file systems
	if err := run(in, out); err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if len(z.File) != 1 || z.File[0].Name != "main" {
		t.Fatalf("got %d files, the first %s", len(z.File), z.File[0].Name)
	}
	if got := z.File[0].Mode(); got != 0o755 {
		t.Errorf("mode is %v, want -rwxr-xr-x", got)
	}
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(got, program(0x3e)) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.tmp")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheSameBinaryMakesTheSamePackage(t *testing.T) {
	t.Parallel()
	var packages [2][]byte
	for i := range packages {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "main"), filepath.Join(dir, "function.zip")
		write(t, in, program(0x3e), 0o700)
		at := time.Date(2001+i, 2, 3, 4, 5, 6, 0, time.UTC)
		if err := os.Chtimes(in, at, at); err != nil {
			t.Fatal(err)
		}
		if err := run(in, out); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		packages[i] = text
	}
	if !bytes.Equal(packages[0], packages[1]) {
		t.Error("the packages differ")
	}
}

func TestRefusesWhatThePlatformCannotStart(t *testing.T) {
	t.Parallel()
	for name, binary := range map[string][]byte{
		"a script":                   []byte("#!/bin/sh\necho this is long enough\n"),
		"nothing":                    nil,
		"a program for another chip": program(0xb7),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			in, out := filepath.Join(dir, "main"), filepath.Join(dir, "function.zip")
			write(t, in, binary, 0o700)
			err := run(in, out)
			if err == nil || !strings.Contains(err.Error(), "GOOS=linux GOARCH=amd64") {
				t.Errorf("got %v", err)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("a package was written")
			}
		})
	}
	if err := run(filepath.Join(t.TempDir(), "absent"), "x"); err == nil {
		t.Error("packed a binary that is not there")
	}
}
