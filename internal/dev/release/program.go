package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// program is a program of the release for one platform, with the file that has it.
type program struct {
	name      string // "function", "vpnctl"
	goos      string
	goarch    string
	file      string // of the release
	sum       string // SHA-256 of the file, in hexadecimal digits
	libraries []library
}

// platforms are those of vpnctl.
func platforms() []string {
	return []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"}
}

const (
	modulePath = "github.com/sslvpn-change/sslvpn-change"
	stampFlag  = "-X " + modulePath + "/internal/version.version="
)

// maker makes the files of a release.
type maker struct {
	source

	work  string // a folder for binaries
	out   string // the folder of the release
	cache string // GOCACHE; "" for the user's
}

// environment leaves out what the caller's could change in the programs.
func (m maker) environment(more ...string) []string {
	env := append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0", "GOWORK=off", "MAKEFLAGS=", "MAKELEVEL=") //nolint:forbidigo // of a tool
	if m.cache != "" {
		env = append(env, "GOCACHE="+m.cache)
	}
	return append(env, more...)
}

func (m maker) run(ctx context.Context, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // G204: go and make
	cmd.Dir, cmd.Env = m.dir, env
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, text)
	}
	return nil
}

// function builds and packs the function as "make package" does.
func (m maker) function(ctx context.Context) (program, error) {
	p := program{name: "function", goos: "linux", goarch: "amd64", file: "sslvpn-change_" + m.version + "_function.zip"}
	if err := m.run(ctx, m.environment(), "make", "--no-print-directory", "package", "DIST="+m.work, "STAMP="+m.stamp()); err != nil {
		return program{}, err
	}
	zip, err := os.ReadFile(filepath.Join(m.work, "sslvpn-change.zip"))
	if err != nil {
		return program{}, err
	}
	if p.libraries, err = libraries(filepath.Join(m.work, "main")); err != nil {
		return program{}, err
	}
	p.sum, err = m.write(p.file, zip)
	return p, err
}

// vpnctl builds the command line client for a platform.
func (m maker) vpnctl(ctx context.Context, platform string) (program, string, error) {
	goos, goarch, _ := strings.Cut(platform, "/")
	p := program{name: "vpnctl", goos: goos, goarch: goarch, file: "vpnctl_" + m.version + "_" + goos + "_" + goarch}
	binary := filepath.Join(m.work, goos+"-"+goarch, "vpnctl")
	if goos == "windows" {
		binary += ".exe"
	}
	err := m.run(ctx, m.environment("GOOS="+goos, "GOARCH="+goarch), "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w "+stampFlag+m.stamp(), "-o", binary, "./cmd/vpnctl")
	if err != nil {
		return program{}, "", err
	}
	p.libraries, err = libraries(binary)
	return p, binary, err
}

// write writes a file of the release, and gives its SHA-256.
func (m maker) write(name string, data []byte) (string, error) {
	if err := os.WriteFile(filepath.Join(m.out, name), data, 0o644); err != nil { //nolint:gosec // G306: for everybody
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
