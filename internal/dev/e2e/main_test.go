package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

// binDir is where the programs under test are built.
var binDir string

// binaries are the programs, built when first asked for.
var binaries = struct {
	function, vpnctl, empty, later func() (string, error)
}{
	function: sync.OnceValues(func() (string, error) { return build("github.com/sslvpn-change/sslvpn-change") }),
	vpnctl:   sync.OnceValues(func() (string, error) { return build("github.com/sslvpn-change/sslvpn-change/cmd/vpnctl") }),
	empty: sync.OnceValues(func() (string, error) {
		return build("github.com/sslvpn-change/sslvpn-change/internal/dev/e2e/testdata/empty")
	}),
	later: sync.OnceValues(func() (string, error) {
		return build("github.com/sslvpn-change/sslvpn-change/internal/dev/e2e/testdata/later")
	}),
}

func TestMain(m *testing.M) {
	flag.Parse()
	// The function pauses more than it works, so more tests run in parallel than
	// there are processors.
	if p := flag.Lookup("test.parallel"); p.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		_ = p.Value.Set(strconv.Itoa(6 * runtime.GOMAXPROCS(0))) // a number is a number
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sslvpn-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binDir = dir
	return m.Run()
}

// build compiles a package as it is packaged. Its context is not a test's: the
// binary outlives the first test that needs it.
func build(pkg string) (string, error) {
	out := filepath.Join(binDir, filepath.Base(pkg))
	return out, localcloud.Build(context.Background(), pkg, out)
}

// binary returns the path of a program, which is built once.
func binary(tb testing.TB, program func() (string, error)) string {
	tb.Helper()
	path, err := program()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}
