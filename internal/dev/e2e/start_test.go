package e2e_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

// TestTheBinaryIsSmall bounds what every new instance downloads and maps.
func TestTheBinaryIsSmall(t *testing.T) {
	t.Parallel()
	const most = 11_400_000 // bytes
	info, err := os.Stat(binary(t, binaries.function))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > most {
		t.Errorf("the binary has %d bytes, want at most %d: go tool nm -size -sort size says what is large", info.Size(), most)
	}
}

// TestTheMakefileBuildsTheSameBinary: what is measured here is what is deployed.
func TestTheMakefileBuildsTheSameBinary(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var flags []string
	for _, f := range localcloud.BuildFlags() {
		if strings.Contains(f, " ") { // the linker's: what is deployed has its version, too
			f = `"` + f + ` -X github.com/sslvpn-change/sslvpn-change/internal/version.version=$$stamp"`
		}
		flags = append(flags, f)
	}
	if want := "go build " + strings.Join(flags, " ") + " -o $(DIST)/$(BINARY) ."; !strings.Contains(string(makefile), want) {
		t.Errorf("the Makefile does not have %q", want)
	}
}

// TestPackagesAreInitializedQuickly counts what the packages of this module
// allocate before main begins, as the runtime reports it. Package startcheck
// says which line does so.
func TestPackagesAreInitializedQuickly(t *testing.T) {
	t.Parallel()
	// Allocations of all packages of this module together. Without inlining, each error
	// that a package declares is one.
	const most = 50
	program := binary(t, binaries.function)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		if conn, err := l.Accept(); err == nil {
			cancel() // it polls, so it is initialized
			_ = conn.Close()
		}
	}()
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = []string{"GODEBUG=inittrace=1", "FC_RUNTIME_API=" + l.Addr().String(), "CHANGE_BUCKET=sslvpn-changes"}
	var trace bytes.Buffer
	cmd.Stderr = &trace
	_ = cmd.Run() // it is killed
	if !strings.Contains(trace.String(), "init net/http @") {
		t.Fatalf("no trace of initialization:\n%s", trace.String())
	}
	total := 0
	row := regexp.MustCompile(`(?m)^init github.com/sslvpn-change/sslvpn-change\S* @.* (\d+) allocs$`)
	rows := row.FindAllStringSubmatch(trace.String(), -1)
	for _, r := range rows {
		n, err := strconv.Atoi(r[1])
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if total > most {
		t.Errorf("%d allocations before main, want at most %d:\n%s", total, most, strings.Join(row.FindAllString(trace.String(), -1), "\n"))
	}
}
