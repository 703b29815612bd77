package localcloud_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aliyun/fc-runtime-go-sdk/fc"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// fakeFunction makes the test binary be the function.
const fakeFunction = "FAKE_FUNCTION=1"

func TestMain(m *testing.M) {
	if os.Getenv("FAKE_FUNCTION") != "" { //nolint:forbidigo // the process is the function here
		sdk.Start(handle)
	}
	if dir := os.Getenv(cloudVariable); dir != "" { //nolint:forbidigo // the process is a cloud here
		fmt.Fprintln(os.Stderr, runCloud(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// handle answers HTTP with the function's environment and prints other events.
func handle(_ context.Context, payload []byte) (json.RawMessage, error) {
	var ev struct {
		Version string `json:"version"`
		RawPath string `json:"rawPath"`
	}
	if err := json.Unmarshal(payload, &ev); err != nil {
		return nil, err
	}
	if ev.Version != "v1" {
		fmt.Fprintln(os.Stdout, string(payload))
		return json.RawMessage(`{}`), nil
	}
	env := map[string]string{"path": ev.RawPath}
	for _, kv := range os.Environ() { //nolint:forbidigo // the process is the function here
		k, v, _ := strings.Cut(kv, "=")
		env[k] = v
	}
	body, err := json.Marshal(env)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"statusCode": 200, "headers": map[string]string{}, "isBase64Encoded": false, "body": string(body)})
}

// start runs a cloud with this test binary as its function.
func start(t *testing.T, tune func(*localcloud.Options)) *localcloud.Cloud {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	opts := localcloud.Options{
		Function: self, Env: []string{fakeFunction}, SweepEvery: -1, Watch: time.Hour,
		TuneFC: func(o *fc.Options) { o.AsyncRetries = -1 },
	}
	if tune != nil {
		tune(&opts)
	}
	c, err := localcloud.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func get(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func TestFunctionGetsItsConfiguration(t *testing.T) {
	t.Parallel()
	c := start(t, func(o *localcloud.Options) { o.Env = append(o.Env, "LOG_LEVEL=debug") })
	status, body := get(t, "GET", c.URL()+"/healthz", "")
	var env map[string]string
	if err := json.Unmarshal([]byte(body), &env); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	editor, err := os.ReadFile(c.EditorSecretFile())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"POLICY_EDITORS": localcloud.Editor, "path": "/healthz", "CHANGE_BUCKET": localcloud.Bucket, "OSS_ENDPOINT": c.OSSURL(), "VPC_ENDPOINT": c.VPCURL(),
		"LOG_LEVEL": "debug", "FC_REGION": "cn-hangzhou", "WEBHOOK_SECRETS": "demo=" + c.Secret() + "," + strings.TrimSpace(string(editor)) + ",robot=" + assistant(t, c),
	}
	for k, v := range want {
		if env[k] != v {
			t.Errorf("%s is %q, want %q", k, env[k], v)
		}
	}
	if _, err := webhook.ParseSenders(env["WEBHOOK_SECRETS"]); err != nil {
		t.Errorf("the secret is not one that the function takes: %v", err)
	}
}

func TestFileInTheFolderStartsTheFunction(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var keys []string
	c := start(t, func(o *localcloud.Options) {
		o.Output = func(l fc.Line) {
			var ev struct {
				Events []struct {
					OSS struct {
						Object struct {
							Key string `json:"key"`
						} `json:"object"`
					} `json:"oss"`
				} `json:"events"`
			}
			if json.Unmarshal([]byte(l.Text), &ev) == nil {
				mu.Lock()
				defer mu.Unlock()
				for _, e := range ev.Events {
					keys = append(keys, e.OSS.Object.Key)
				}
			}
		}
	})
	for _, key := range []string{"changes/a.yaml", "wake/cn-hangzhou/vss-1", "results/2026/11/22/x.json"} {
		if err := c.Drop(key, []byte("a: 1\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.FC().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil { // waits for the output
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(keys)
	if want := []string{"changes/a.yaml", "wake/cn-hangzhou/vss-1"}; !slices.Equal(keys, want) {
		t.Errorf("the function was started for %v, want %v", keys, want)
	}
}

func TestOwnPagesAreBelowLocal(t *testing.T) {
	t.Parallel()
	c := start(t, nil)
	if status, body := get(t, "POST", c.URL()+"/local/tick/sweep", `{"task":"sweep"}`); status != http.StatusAccepted || !strings.Contains(body, "requestId") {
		t.Errorf("tick: %d %s", status, body)
	}
	if err := c.FC().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	status, body := get(t, "GET", c.URL()+"/local/state", "")
	var s localcloud.State
	if err := json.Unmarshal([]byte(body), &s); err != nil || status != http.StatusOK {
		t.Fatalf("state: %d %s: %v", status, body, err)
	}
	if s.Stats.Invocations != 1 || s.Stats.Errors != 0 || len(s.Servers) != 3 || s.Servers[0].ID != "vss-bp18q7hzj6largv4vk2fe" || len(s.Gateways) != 3 {
		t.Errorf("state is %+v", s)
	}
	if status, body := get(t, "GET", c.URL()+"/local/nothing", ""); status != http.StatusNotFound || !strings.Contains(body, "/local/state") {
		t.Errorf("unknown page: %d %s", status, body)
	}
}

func TestPortThatIsTakenIsNamed(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	_, err = localcloud.Start(t.Context(), localcloud.Options{Function: "/bin/false", OSSPort: number})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("port %d for OSS is not free", number)) {
		t.Errorf("got %v", err)
	}
}

func TestStateStaysInANamedFolderOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, tt := range []struct {
		name, dir string
		stays     bool
	}{{"named", dir, true}, {"made", "", false}} {
		c := start(t, func(o *localcloud.Options) { o.Dir = tt.dir })
		if err := c.Drop("changes/x.yaml", []byte("a: 1")); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(c.SecretFile())
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: secret file: %v, %v", tt.name, info, err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(c.BucketDir(), "changes", "x.yaml")); (err == nil) != tt.stays {
			t.Errorf("%s: after Close: %v", tt.name, err)
		}
	}
}

func TestTheSecretIsKeptInANamedFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := func() string {
		c := start(t, func(o *localcloud.Options) { o.Dir = dir })
		secret := c.Secret()
		stored, err := os.ReadFile(c.SecretFile())
		if err != nil || string(stored) != "demo="+secret+"\n" {
			t.Errorf("the file holds %q, %v", stored, err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		return secret
	}
	first := run()
	if again := run(); again != first {
		t.Error("the second run has another secret")
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("demo=whsec_short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if other := run(); other == first || !strings.HasPrefix(other, "whsec_") || other == "whsec_short" {
		t.Error("a damaged secret was not replaced")
	}
}

func TestBuildShowsTheCompilersWords(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles")
	}
	out := filepath.Join(t.TempDir(), "main")
	err := localcloud.Build(t.Context(), "github.com/sslvpn-change/sslvpn-change/no/such/package", out)
	if err == nil || !strings.Contains(err.Error(), "no/such/package") {
		t.Errorf("got %v, want the compiler's words", err)
	}
}

// assistant is the secret in the file of the assistant.
func assistant(t *testing.T, c *localcloud.Cloud) string {
	t.Helper()
	text, err := os.ReadFile(c.AssistantSecretFile())
	secret, ok := strings.CutPrefix(strings.TrimSpace(string(text)), localcloud.Assistant+"=")
	if err != nil || !ok {
		t.Fatalf("%q, %v", text, err)
	}
	return secret
}
