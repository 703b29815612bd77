package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// makeRelease writes the files of a release into a folder, which it empties before.
func makeRelease(ctx context.Context, out io.Writer, src source, to string) error {
	work, err := os.MkdirTemp("", "sslvpn-change-release-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := os.RemoveAll(to); err != nil { //nolint:gosec // G703: as the command line says
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil { //nolint:gosec // G301: for everybody
		return err
	}
	m := maker{source: src, work: work, out: to}
	if err := m.all(ctx); err != nil {
		return err
	}
	files, err := os.ReadDir(to)
	if err != nil {
		return err
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%10d  %s\n", info.Size(), filepath.Join(to, f.Name()))
	}
	return nil
}

// all makes every file of the release.
func (m maker) all(ctx context.Context) error {
	changelog, err := os.ReadFile(filepath.Join(m.dir, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	text, err := notesOf(string(changelog), m.version, m.tag == m.version)
	if err != nil {
		return err
	}
	programs, binaries, err := m.programs(ctx)
	if err != nil {
		return err
	}
	libs, err := licensed(ctx, m.dir, together(programs))
	if err != nil {
		return err
	}
	for i := range programs {
		if binaries[i] == "" {
			continue // it is packed
		}
		if err := m.pack(&programs[i], binaries[i], notices(libs)); err != nil {
			return err
		}
	}
	materials, err := m.materials(programs, libs)
	if err != nil {
		return err
	}
	sums := map[string]string{}
	for _, p := range programs {
		sums[p.file] = p.sum
	}
	for name, data := range map[string][]byte{
		"sslvpn-change_" + m.version + "_sbom.cdx.json": materials,
		"THIRD-PARTY-LICENSES.txt":                      notices(libs),
		"RELEASE-NOTES.md":                              []byte(text),
	} {
		if sums[name], err = m.write(name, data); err != nil {
			return err
		}
	}
	_, err = m.write("SHA256SUMS", list(sums))
	return err
}

// programs builds all programs. Those of vpnctl are to be packed yet.
func (m maker) programs(ctx context.Context) (programs []program, binaries []string, err error) {
	f, err := m.function(ctx)
	if err != nil {
		return nil, nil, err
	}
	programs, binaries = []program{f}, []string{""}
	for _, platform := range platforms() {
		p, binary, err := m.vpnctl(ctx, platform)
		if err != nil {
			return nil, nil, err
		}
		programs, binaries = append(programs, p), append(binaries, binary)
	}
	return programs, binaries, nil
}

// pack writes the archive of a program.
func (m maker) pack(p *program, binary string, notices []byte) error {
	members := []member{{name: "THIRD-PARTY-LICENSES.txt", data: notices, mode: 0o644}}
	for _, name := range []string{"LICENSE", "README.md", "README.zh-CN.md"} {
		data, err := os.ReadFile(filepath.Join(m.dir, name)) //nolint:gosec // G304: one of these
		if err != nil {
			return err
		}
		members = append(members, member{name, data, 0o644})
	}
	data, err := os.ReadFile(binary) //nolint:gosec // G304: was just built
	if err != nil {
		return err
	}
	members = append(members, member{filepath.Base(binary), data, 0o755})
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	archive, suffix := tarball, ".tar.gz"
	if p.goos == "windows" {
		archive, suffix = zipped, ".zip"
	}
	packed, err := archive(p.file, m.time, members)
	if err != nil {
		return err
	}
	p.file += suffix
	p.sum, err = m.write(p.file, packed)
	return err
}

// list is the file that "sha256sum -c" reads.
func list(sums map[string]string) []byte {
	lines := make([]string, 0, len(sums))
	for name, sum := range sums {
		lines = append(lines, sum+"  "+name+"\n")
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[64:], b[64:]) })
	return []byte(strings.Join(lines, ""))
}
