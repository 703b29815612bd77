package sslvpn_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

const (
	serverID  = "vss-bp18q7hzj6largv4vk2fe"
	gatewayID = "vpn-bp1q8bgx4xnkm2ogj0fiu"
)

func target() change.Target { return change.Target{RegionID: "cn-hangzhou", ServerID: serverID} }

func gateway() sslvpn.GatewayRef {
	return sslvpn.GatewayRef{RegionID: "cn-hangzhou", GatewayID: gatewayID}
}

// creds has characters that every encoding treats differently.
func creds() sslvpn.Credentials {
	return sslvpn.Credentials{AccessKeyID: "STS.testid", AccessKeySecret: secret.New("test+secret/"), SecurityToken: secret.New("CAIS+to/ken==")}
}

func modification(p change.Patch) sslvpn.Modification {
	return sslvpn.Modification{Target: target(), Patch: p, ClientToken: "token-1"}
}

// harness is the emulated API over HTTP and the production client to it.
type harness struct {
	*vpc.Emulator

	client *sslvpn.Client
	url    string
	mu     sync.Mutex
	calls  []sslvpn.Call
}

func newHarness(t *testing.T, opts vpc.Options) *harness {
	t.Helper()
	c := creds()
	opts.Credentials = append(opts.Credentials, vpc.Credential{
		AccessKeyID: c.AccessKeyID, AccessKeySecret: c.AccessKeySecret.Reveal(), SecurityToken: c.SecurityToken.Reveal(),
	})
	w := &harness{Emulator: vpc.New(opts)}
	err := w.AddServer(vpc.Server{
		RegionID: "cn-hangzhou", ID: serverID, GatewayID: gatewayID, Name: "office",
		ClientIPPool: "10.30.30.0/24", LocalSubnet: "10.20.20.0/24", Proto: "UDP",
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.Emulator)
	t.Cleanup(server.Close)
	w.url = server.URL
	w.client = w.newClient(t, sslvpn.Config{})
	return w
}

func (w *harness) newClient(t *testing.T, cfg sslvpn.Config) *sslvpn.Client {
	t.Helper()
	cfg.Endpoint = w.url
	c, err := sslvpn.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c.With(creds(), func(call sslvpn.Call) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls = append(w.calls, call)
	})
}

func (w *harness) inject(t *testing.T, faults ...vpc.Fault) {
	t.Helper()
	if err := w.Inject(faults...); err != nil {
		t.Fatal(err)
	}
}

// failure is the *sslvpn.Error that err must be.
func failure(t *testing.T, err error) *sslvpn.Error {
	t.Helper()
	var e *sslvpn.Error
	if !errors.As(err, &e) {
		t.Fatalf("error = %v, want an *sslvpn.Error", err)
	}
	return e
}

func TestDescribeModifyDescribe(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{Configuring: time.Hour})
	before, err := w.client.DescribeServer(t.Context(), target())
	if err != nil {
		t.Fatal(err)
	}
	want := change.Settings{
		change.Name: change.Text("office"), change.ClientIPPool: change.Text("10.30.30.0/24"),
		change.LocalSubnet: change.Text("10.20.20.0/24"), change.Proto: change.Text("UDP"), change.Port: change.Number(1194),
		change.Cipher: change.Text("AES-128-CBC"), change.Compress: change.Flag(false), change.EnableMultiFactorAuth: change.Flag(false),
	}
	if !maps.Equal(before.Settings, want) || before.GatewayID != gatewayID || before.Target != target() || before.MaxConnections != 5 {
		t.Errorf("server = %+v", before)
	}
	patch := change.Patch{
		change.Name: change.Text("办公室 *~+&=/%"), change.Port: change.Number(1195), change.Compress: change.Flag(true),
		change.LocalSubnet: change.Text("10.20.20.0/24,10.21.0.0/16"),
	}
	reply, err := w.client.ModifyServer(t.Context(), modification(patch))
	if err != nil || reply.RequestID == "" {
		t.Fatalf("modify = %+v, %v", reply, err)
	}
	after, err := w.client.DescribeServer(t.Context(), target())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := after.Settings, want.With(patch); !maps.Equal(got, want) {
		t.Errorf("settings = %v, want %v", got, want)
	}
	g, err := w.client.DescribeGateway(t.Context(), gateway())
	if err != nil || g.Status != sslvpn.GatewayUpdating || g.BusinessStatus != "Normal" || g.SSLMaxConnections != 5 || g.ID != gatewayID {
		t.Errorf("gateway = %+v, %v", g, err)
	}
}

func TestOnlyThePatchIsSent(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	if _, err := w.client.ModifyServer(t.Context(), modification(change.Patch{change.Name: change.Text("new")})); err != nil {
		t.Fatal(err)
	}
	calls := w.Calls(vpc.ModifySslVpnServer)
	want := map[string]string{"RegionId": "cn-hangzhou", "SslVpnServerId": serverID, "Name": "new", "ClientToken": "token-1"}
	if len(calls) != 1 || !maps.Equal(calls[0].Params, want) || calls[0].SecurityToken != creds().SecurityToken.Reveal() {
		t.Errorf("calls = %+v, want one with %v", calls, want)
	}
}

func TestTheObserverSeesEveryCall(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	_, _ = w.client.DescribeServer(t.Context(), target())
	_, _ = w.client.ModifyServer(t.Context(), modification(change.Patch{change.Port: change.Number(22)}))
	if len(w.calls) != 2 {
		t.Fatalf("%d calls seen, want 2", len(w.calls))
	}
	if c := w.calls[0]; c.Action != "DescribeSslVpnServers" || c.HTTPStatus != 200 || c.Class != "" || c.RequestID == "" || c.At.IsZero() {
		t.Errorf("first call = %+v", c)
	}
	if c := w.calls[1]; c.Action != "ModifySslVpnServer" || c.HTTPStatus != 400 || c.Class != sslvpn.ClassInvalid || c.Code != "IllegalParam.Port" {
		t.Errorf("second call = %+v", c)
	}
}

func TestAnUnknownServerIsTheSameErrorHoweverItIsTold(t *testing.T) {
	t.Parallel()
	for _, as404 := range []bool{false, true} {
		w := newHarness(t, vpc.Options{UnknownServerIs404: as404})
		_, err := w.client.DescribeServer(t.Context(), change.Target{RegionID: "cn-hangzhou", ServerID: "vss-none"})
		e := failure(t, err)
		if e.Class != sslvpn.ClassInvalid || e.Code != "InvalidSslVpnServerId.NotFound" || e.RequestID == "" {
			t.Errorf("404 %v: error = %+v", as404, e)
		}
	}
}

func TestWhatIsNeverSent(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	port := change.Patch{change.Port: change.Number(1195)}
	tests := []struct {
		name  string
		err   func() error
		class sslvpn.Class
		want  string
	}{
		{"an empty patch", func() error { return modify(t, w.client, modification(nil)) }, sslvpn.ClassInvalid, "patch is empty"},
		{"no token", func() error { return modify(t, w.client, sslvpn.Modification{Target: target(), Patch: port}) }, sslvpn.ClassInvalid, "1 to 64"},
		{"a token too long", func() error {
			return modify(t, w.client, sslvpn.Modification{Target: target(), Patch: port, ClientToken: strings.Repeat("x", 65)})
		}, sslvpn.ClassInvalid, "1 to 64"},
		{"a region that is a host", func() error {
			_, err := w.client.DescribeServer(t.Context(), change.Target{RegionID: "evil.example/", ServerID: serverID})
			return err
		}, sslvpn.ClassInvalid, "is not a region"},
		{"no credentials", func() error {
			_, err := w.client.With(sslvpn.Credentials{}, nil).DescribeServer(t.Context(), target())
			return err
		}, sslvpn.ClassCredentials, "no credentials"},
	}
	for _, tt := range tests {
		if e := failure(t, tt.err()); e.Class != tt.class || !strings.Contains(e.Message, tt.want) {
			t.Errorf("%s: %v, want %s: %s", tt.name, e, tt.class, tt.want)
		}
	}
	if n := len(w.Calls("")); n != 0 {
		t.Errorf("%d requests were sent, want 0", n)
	}
}

func modify(t *testing.T, c *sslvpn.Client, m sslvpn.Modification) error {
	t.Helper()
	_, err := c.ModifyServer(t.Context(), m)
	return err
}

func TestEndpointsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{
		"http://vpc.aliyuncs.com", "http://10.0.0.1:80", "vpc.aliyuncs.com", "ftp://127.0.0.1", "https://vpc.aliyuncs.com/path",
		"https://user:secret@vpc.aliyuncs.com", "https://vpc.aliyuncs.com?x=1", "https://", "http://127.0.0.1.evil.example",
	} {
		_, err := sslvpn.New(sslvpn.Config{Endpoint: endpoint})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("New(%q) = %v, want a refusal without secrets", endpoint, err)
		}
	}
	for _, endpoint := range []string{"", "https://vpc.aliyuncs.com", "http://127.0.0.1:9010/", "http://[::1]:9010", "http://localhost:1"} {
		if _, err := sslvpn.New(sslvpn.Config{Endpoint: endpoint}); err != nil {
			t.Errorf("New(%q): %v", endpoint, err)
		}
	}
}

func TestCredentialsCannotBePrinted(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).InfoContext(t.Context(), "x", "creds", creds())
	data, err := json.Marshal(map[string]any{"creds": creds()})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", creds(), creds(), creds(), creds()), log.String(), string(data)} {
		if strings.Contains(text, "test+") || strings.Contains(text, "CAIS") || !strings.Contains(text, "[redacted]") {
			t.Errorf("printed %s", text)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			client := w.client.With(creds(), nil)
			for range 10 {
				if _, err := client.DescribeGateway(t.Context(), gateway()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := len(w.Calls(vpc.DescribeVpnGateway)); got != 80 {
		t.Errorf("%d calls, want 80", got)
	}
}
