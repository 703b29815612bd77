package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/aliyun/fc-runtime-go-sdk/fc"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/demo"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

// TestMain makes the test binary a function that accepts everything and does
// nothing.
func TestMain(m *testing.M) {
	if os.Getenv("FC_RUNTIME_API") != "" {
		sdk.Start(func(_ context.Context, payload []byte) (json.RawMessage, error) {
			if !bytes.Contains(payload, []byte(`"version":"v1"`)) {
				return json.RawMessage(`{}`), nil
			}
			return json.RawMessage(`{"statusCode":202,"headers":{},"isBase64Encoded":false,"body":"{\"changes\":[{\"id\":\"20261122-aaaaaaaaaa\",\"status\":\"queued\"}]}"}`), nil
		})
	}
	os.Exit(m.Run())
}

// cloud runs one with this test binary as its function.
func cloud(t *testing.T) *localcloud.Cloud {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c, err := localcloud.Start(t.Context(), localcloud.Options{Function: self, SweepEvery: -1, Watch: time.Hour})
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

func TestAFunctionThatDoesNothingFailsTheChecks(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	var out bytes.Buffer
	err := demo.Run(ctx, cloud(t), &out)
	if err == nil || !strings.Contains(err.Error(), "0 of 8 records and 0 of 2 receipts") {
		t.Errorf("got %v", err)
	}
}

func TestAFunctionThatClaimsSuccessFailsTheChecks(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	put := func(name, text string) {
		path := filepath.Join(c.BucketDir(), name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("receipts/office.yaml@20261122T083000Z-E.json", `{"file":"changes/office.yaml","status":"accepted","changes":[{"id":"d-1"},{"id":"d-2"},{"id":"d-3"}]}`)
	put("receipts/typo.yaml@20261122T083000Z-E.json", `{"file":"changes/typo.yaml","status":"rejected","problems":[{"path":"changes[0].Port","line":6,"rule":"port-reserved","message":"443 is reserved"}]}`)
	for _, r := range []struct{ id, kind, status string }{
		{"d-1", "file", "applied"},
		{"d-2", "file", "applied"},
		{"d-3", "file", "applied"},
		{"e", "http", "applied"},
		{"f", "timer", "failed"},
		{"g", "http", "applied"},
		{"h", "http", "applied"},
		{"i", "http", "applied"},
	} {
		put("results/2026/11/22/"+r.id+".json", `{"id":"`+r.id+`","status":"`+r.status+`","verified":true,"origin":{"kind":"`+r.kind+`","source":"s"},
			"changed":[{"field":"Port","from":1194,"to":1195}],"mergedWith":["d-9"],"waitedMs":{"gateway":2900},
			"attempts":[{"action":"ModifySslVpnServer","httpStatus":200,"durationMs":12}],"cost":{"vpcCalls":4},
			"acceptedAt":"2026-11-22T08:30:00Z","startedAt":"2026-11-22T08:30:00Z","finishedAt":"2026-11-22T08:30:05Z"}`)
	}
	var out bytes.Buffer
	err := demo.Run(t.Context(), c, &out)
	if err == nil || !strings.Contains(err.Error(), "checks failed") {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		"WRONG  vss-bp18q7hzj6largv4vk2fe listens on TCP/1195",
		"WRONG  every record says applied and verified",
		"map[f:failed]",
		"WRONG  vss-uf6d2k9x4m7q1w8r5t3y0 answered a probe",
		"WRONG  nobody could connect to vss-bp1t7r4i1a8l5w2x9c6d3 any more",
		"WRONG  vss-bp1w4i8n2d6o9w3s7x5k1 listens on port 1197",
		"WRONG  it was sent",
		"WRONG  the other file was rejected as a whole", // line 5 is not named
		"ok     the file's receipt names its three changes",
		"ok     the repeated delivery was answered with the same id",
		"merged with d-9", "waited 2.9 s for the busy gateway", "ModifySslVpnServer: HTTP 200 in 12 ms",
		"line 6: changes[0].Port: 443 is reserved [port-reserved]",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output does not contain %q:\n%s", want, out.String())
		}
	}
}
