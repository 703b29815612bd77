package e2e_test

import (
	"os"
	"strings"
	"testing"

	"sslvpnchange/internal/dev/localcloud"
)

// TestTheBinaryIsSmall bounds what every new instance downloads and maps.
func TestTheBinaryIsSmall(t *testing.T) {
	t.Parallel()
	const most = 9_100_000 // bytes; the aim is 9.0 MB
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
		if strings.Contains(f, " ") {
			f = "'" + f + "'"
		}
		flags = append(flags, f)
	}
	if want := "go build " + strings.Join(flags, " ") + " -o $(DIST)/$(BINARY) ."; !strings.Contains(string(makefile), want) {
		t.Errorf("the Makefile does not have %q", want)
	}
}
