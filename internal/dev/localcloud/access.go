package localcloud

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/tunnel"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// URL is the function's HTTP trigger.
func (c *Cloud) URL() string { return c.urls[0] }

// OSSURL is the endpoint of OSS.
func (c *Cloud) OSSURL() string { return c.urls[1] }

// VPCURL is the endpoint of the VPC API.
func (c *Cloud) VPCURL() string { return c.urls[2] }

// FC is the Function Compute emulator.
func (c *Cloud) FC() *fc.Emulator { return c.fc }

// OSS is the OSS emulator.
func (c *Cloud) OSS() *oss.Emulator { return c.oss }

// VPC is the emulator of the VPC API.
func (c *Cloud) VPC() *vpc.Emulator { return c.vpc }

// Tunnels answer probes in the place of the SSL-VPN servers.
func (c *Cloud) Tunnels() *tunnel.Tunnels { return c.tunnel }

// BucketDir is the folder that is the bucket.
func (c *Cloud) BucketDir() string { return filepath.Join(c.dir, "oss", Bucket) }

// SecretFile holds the sender's secret as sender=whsec_…, readable by the
// owner only.
func (c *Cloud) SecretFile() string { return filepath.Join(c.dir, "secret") }

// EditorSecretFile holds the secret of the sender who may put the policy, as SecretFile
// does that of the other one.
func (c *Cloud) EditorSecretFile() string { return filepath.Join(c.dir, "secret-"+Editor) }

// AssistantSecretFile holds the secret of the assistant likewise.
func (c *Cloud) AssistantSecretFile() string { return filepath.Join(c.dir, "secret-"+Assistant) }

// Secret is the sender's secret. Do not print it.
func (c *Cloud) Secret() string { return c.secret }

// Drop puts a file into the bucket as a person would, whole at once, and
// returns when it is uploaded.
func (c *Cloud) Drop(key string, data []byte) error {
	to := filepath.Join(c.BucketDir(), filepath.FromSlash(path.Clean("/"+key)))
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return fmt.Errorf("drop %s: %w", key, err)
	}
	temp := filepath.Join(c.dir, "drop-"+filepath.Base(to))
	if err := os.WriteFile(temp, data, 0o600); err != nil { //nolint:gosec // G703: Base has no folders
		return fmt.Errorf("drop %s: %w", key, err)
	}
	if err := os.Rename(temp, to); err != nil {
		return fmt.Errorf("drop %s: %w", key, err)
	}
	for range 2 { // a file is uploaded when two scans found it the same
		if err := c.oss.Scan(); err != nil {
			return fmt.Errorf("drop %s: %w", key, err)
		}
	}
	return nil
}

// BuildFlags are the flags of go build with which the function is packaged: the
// Makefile has the same, and writes the version. The tag leaves HTTP/2 out, which none
// of the function's clients uses (0.37 MB); nothing is inlined in the function's own
// packages and the SDKs (0.44 MB), because they wait for the network and not for the
// processor; and the alignment of functions leaves out padding (0.07 MB).
func BuildFlags() []string {
	return []string{"-trimpath", "-buildvcs=false", "-tags", "nethttpomithttp2", "-gcflags", "github.com/...=-l", "-ldflags", "-s -w -funcalign=16"}
}

// Build compiles a main package the way it is packaged for the platform and
// writes the binary to out. The package is named as for go build, from the
// module that the working directory is in.
func Build(ctx context.Context, pkg, out string) error {
	args := append(append([]string{"build"}, BuildFlags()...), "-o", out, pkg)
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // with a package name of the caller's
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the function: %w\n%s", err, text)
	}
	return nil
}
