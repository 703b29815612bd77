package localcloud_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/folder"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// kept starts a cloud that keeps its state in a folder.
func kept(t *testing.T, dir string, tune func(*localcloud.Options)) *localcloud.Cloud {
	t.Helper()
	return start(t, func(o *localcloud.Options) {
		o.Dir, o.Keep, o.People, o.Policy = dir, true, true, localcloud.Policy()
		if tune != nil {
			tune(o)
		}
	})
}

// env reads the file with which clients find the cloud.
func env(t *testing.T, c *localcloud.Cloud) map[string]string {
	t.Helper()
	return envOf(t, c.EnvFile())
}

func envOf(t *testing.T, file string) map[string]string {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if set, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			name, value, _ := strings.Cut(set, "=")
			values[name] = value
		}
	}
	return values
}

// bucket is the bucket through the vendor's SDK, with what the file says.
func bucket(t *testing.T, c *localcloud.Cloud) *sdk.Bucket {
	t.Helper()
	return bucketOf(t, filepath.Dir(c.EnvFile()))
}

func bucketOf(t *testing.T, dir string) *sdk.Bucket {
	t.Helper()
	e := envOf(t, filepath.Join(dir, "env"))
	client, err := sdk.New(e["OSS_ENDPOINT"], e["OSS_ACCESS_KEY_ID"], e["OSS_ACCESS_KEY_SECRET"], sdk.AuthVersion(sdk.AuthV4), sdk.Region(e["OSS_REGION"]))
	if err != nil {
		t.Fatal(err)
	}
	b, err := client.Bucket(localcloud.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The servers, the objects, the secret and the key are there after a restart, and
// starting anew keeps the secret and the key only.
func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	id := localcloud.Servers()[0].ID
	first := kept(t, dir, nil)
	if err := first.VPC().UpdateServer(id, func(s *vpc.Server) { s.Port = 4711 }); err != nil {
		t.Fatal(err)
	}
	if err := bucket(t, first).PutObject("results/a.json", strings.NewReader("{}"), sdk.ContentType("application/json"), sdk.Meta("by", "mei")); err != nil {
		t.Fatal(err)
	}
	secret, key := first.Secret(), env(t, first)["OSS_ACCESS_KEY_ID"]
	before := first.VPC().Snapshot()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := kept(t, dir, nil)
	after := second.VPC().Snapshot()
	if s, _ := second.VPC().Server(id); s.Port != 4711 || len(after.Servers) != len(before.Servers) || len(after.Certificates) != len(before.Certificates) {
		t.Errorf("after the restart the server is %+v, of %d with %d certificates", s, len(after.Servers), len(after.Certificates))
	}
	h, err := bucket(t, second).GetObjectDetailedMeta("results/a.json")
	if err != nil || h.Get("X-Oss-Meta-By") != "mei" || h.Get("Content-Type") != "application/json" {
		t.Errorf("the object is %v, %v", h, err)
	}
	if second.Secret() != secret || env(t, second)["OSS_ACCESS_KEY_ID"] != key {
		t.Error("the secret or the key is another one")
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	fresh := kept(t, dir, func(o *localcloud.Options) { o.Fresh = true })
	if s, _ := fresh.VPC().Server(id); s.Port != 1194 {
		t.Errorf("anew, the server is %+v", s)
	}
	if ok, err := bucket(t, fresh).IsObjectExist("results/a.json"); ok || err != nil {
		t.Errorf("anew, the object exists: %t, %v", ok, err)
	}
	if fresh.Secret() != secret || env(t, fresh)["OSS_ACCESS_KEY_ID"] != key {
		t.Error("anew, the secret or the key is another one")
	}
}

func TestUnusableFolders(t *testing.T) {
	t.Parallel()
	journal := filepath.Join("oss", ".oss", localcloud.Bucket, "journal.jsonl")
	for name, file := range map[string]struct{ path, text string }{
		"servers":          {"vpc.json", "{"},
		"objects":          {journal, "garbage\n{}\n"},
		"versioning":       {filepath.Join("oss", ".oss", localcloud.Bucket, "versioning"), "on"},
		"a newer version":  {"state.json", `{"version":99}`},
		"a mark of rubble": {"state.json", "\x00\x00"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, file.path)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(file.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := localcloud.Start(t.Context(), localcloud.Options{Function: "/bin/false", Dir: dir, Keep: true})
		no, ok := errors.AsType[*folder.UnreadableError](err)
		if !ok || no.Path != path {
			t.Errorf("%s: %v, want an error that names %s", name, err, path)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != file.text {
			t.Errorf("%s: the file was changed to %q, %v", name, text, err)
		}
	}
}

// A port that is taken leaves the state as it is, also when it is to be removed.
func TestPortThatIsTakenLeavesTheState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := kept(t, dir, nil)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	addr, _ := l.Addr().(*net.TCPAddr)
	_, err = localcloud.Start(t.Context(), localcloud.Options{Function: "/bin/false", Dir: dir, Keep: true, Fresh: true, VPCPort: addr.Port})
	no, ok := errors.AsType[*localcloud.PortError](err)
	if !ok || no.Flag != "--vpc" || no.Port != addr.Port {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "vpc.json")); err != nil {
		t.Errorf("the state is gone: %v", err)
	}
}
