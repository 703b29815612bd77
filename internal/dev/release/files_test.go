package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func moment() time.Time { return time.Date(2026, 11, 28, 5, 0, 0, 0, time.UTC) }

func members() []member {
	return []member{{"LICENSE", []byte("free\n"), 0o644}, {"vpnctl", bytes.Repeat([]byte("program "), 1000), 0o755}}
}

func TestTarball(t *testing.T) {
	t.Parallel()
	data, err := tarball("vpnctl_v0.1.0_linux_amd64", moment(), members())
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	for _, want := range members() {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || h.Name != "vpnctl_v0.1.0_linux_amd64/"+want.name || h.FileInfo().Mode() != want.mode || !h.ModTime.Equal(moment()) || !bytes.Equal(got, want.data) || h.Uid != 0 || h.Uname != "" {
			t.Errorf("it has %+v, %v", h, err)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("after the last: %v", err)
	}
}

func TestZipped(t *testing.T) {
	t.Parallel()
	data, err := zipped("vpnctl_v0.1.0_windows_amd64", moment(), members())
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) != len(members()) {
		t.Fatalf("%d files, %v", len(z.File), err)
	}
	for i, want := range members() {
		f := z.File[i]
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || f.Name != "vpnctl_v0.1.0_windows_amd64/"+want.name || f.Mode() != want.mode || !f.Modified.Equal(moment()) || !bytes.Equal(got, want.data) {
			t.Errorf("it has %+v, %v", f.FileHeader, err)
		}
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	const changelog = "# Changelog\n\n## Unreleased\n\n- next\n\n## 0.2.0 - 2026-12-24\n\n- two\n\n### Upgrading\n\n- do\n\n## 0.1.0 - 2026-11-28\n\n- one\n"
	for _, tt := range []struct {
		version string
		tagged  bool
		want    string
	}{
		{"v0.1.0", true, "## 0.1.0 - 2026-11-28\n\n- one\n"},
		{"v0.2.0", true, "## 0.2.0 - 2026-12-24\n\n- two\n\n### Upgrading\n\n- do\n"},
		{"v0.2.1-0.20261128050000-fd60090b1ea5", false, "## Unreleased\n\n- next\n"},
	} {
		if got, err := notesOf(changelog, tt.version, tt.tagged); err != nil || got != tt.want {
			t.Errorf("%s: %q, %v", tt.version, got, err)
		}
	}
	for _, version := range []string{"v0.3.0", "v0.1", "v0.1.00"} {
		if got, err := notesOf(changelog, version, true); err == nil {
			t.Errorf("%s has notes: %q", version, got)
		}
	}
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	const (
		mit    = "Permission is hereby granted, free of charge, to any person\n obtaining a copy"
		apache = "Apache License\n Version 2.0, January 2004\n http://www.apache.org/licenses/"
		bsd    = "Redistribution and use in source and binary forms, with or without\nmodification, are permitted provided"
	)
	for text, want := range map[string]string{
		mit: "MIT", apache: "Apache-2.0", bsd: "BSD-2-Clause", bsd + "\n* Neither the name of Google": "BSD-3-Clause", mit + "\n" + apache: "Apache-2.0 AND MIT",
	} {
		if got, err := identify(text); err != nil || got != want {
			t.Errorf("%q is %q, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "All rights reserved.", "GNU General Public License", mit + "\nGNU Lesser General  Public\nLicense", "Mozilla Public License"} {
		if got, err := identify(text); err == nil {
			t.Errorf("%q is %q", text, got)
		}
	}
}

// TestLicencesOfThisModule identifies the licences of everything that go.mod has.
func TestLicencesOfThisModule(t *testing.T) {
	t.Parallel()
	folders, err := moduleFolders(t.Context(), "../../..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(mod), -1)
	if len(required) < 10 {
		t.Fatalf("go.mod requires %v", required)
	}
	for _, m := range append(required, []string{"", "std"}) {
		if l, err := licenceOf(folders[m[1]]); err != nil || l.id == "" || l.text == "" {
			t.Errorf("%s: %v", m[1], err)
		}
	}
}

func TestMaterials(t *testing.T) {
	t.Parallel()
	libs := []library{
		{path: "example.com/lib", version: "v1.2.3", sum: "h1:abc=", licence: licence{id: "MIT"}},
		{path: "std", version: "go1.26.8", licence: licence{id: "BSD-3-Clause"}},
	}
	src := source{version: "v0.1.0", commit: "fd60090b1ea5cbbf4e2cb56a3c9dc0b05a7a1d4e", time: moment()}
	programs := []program{
		{name: "function", goos: "linux", goarch: "amd64", file: "function.zip", sum: strings.Repeat("ab", 32), libraries: libs},
		{name: "vpnctl", goos: "windows", goarch: "arm64", file: "vpnctl.zip", sum: strings.Repeat("cd", 32), libraries: libs[1:]},
	}
	data, err := src.materials(programs, libs)
	if err != nil {
		t.Fatal(err)
	}
	var b bom
	if err := json.Unmarshal(data, &b); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(b.Serial) || b.Metadata.Timestamp != "2026-11-28T05:00:00Z" {
		t.Errorf("serial number %s, time %s", b.Serial, b.Metadata.Timestamp)
	}
	refs := map[string]bool{b.Metadata.Component.Ref: true}
	for _, c := range b.Components {
		if refs[c.Ref] || len(c.Licences) == 0 || c.Licences[0].Expression == "" {
			t.Errorf("component %+v", c)
		}
		refs[c.Ref] = true
	}
	if len(refs) != 5 || len(b.Dependencies) != 3 {
		t.Errorf("it has %v, %v", refs, b.Dependencies)
	}
	for _, d := range b.Dependencies {
		for _, ref := range append(d.On, d.Ref) {
			if !refs[ref] {
				t.Errorf("%s is no component", ref)
			}
		}
	}
	again, err := src.materials(programs, libs)
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("made again, it is another: %v", err)
	}
	programs[0].sum = strings.Repeat("ef", 32)
	other, err := src.materials(programs, libs)
	if err != nil || bytes.Contains(other, []byte(b.Serial)) {
		t.Errorf("of other files, it has the same serial number: %v", err)
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	m := maker{out: t.TempDir()}
	sums := map[string]string{}
	for _, name := range []string{"b.zip", "a.txt"} {
		sum, err := m.write(name, []byte(name))
		if err != nil {
			t.Fatal(err)
		}
		sums[name] = sum
	}
	if _, err := m.write("SHA256SUMS", list(sums)); err != nil {
		t.Fatal(err)
	}
	if got := command(t, m.out, nil, "sha256sum", "-c", "SHA256SUMS"); got != "a.txt: OK\nb.zip: OK\n" {
		t.Errorf("sha256sum says %q", got)
	}
	if _, err := os.Stat(filepath.Join(m.out, "a.txt")); err != nil {
		t.Error(err)
	}
}
