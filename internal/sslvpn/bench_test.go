package sslvpn_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// recorded serves the emulator's answer to one read of a gateway, always the
// same, so that the server's share of a call is small and constant.
func recorded(tb testing.TB) string {
	tb.Helper()
	e := vpc.New(vpc.Options{Credentials: []vpc.Credential{{AccessKeyID: "id", AccessKeySecret: "secret"}}})
	if err := e.AddServer(vpc.Server{RegionID: "cn-hangzhou", ID: serverID, GatewayID: gatewayID, ClientIPPool: "10.0.0.0/24", LocalSubnet: "10.1.0.0/16"}); err != nil {
		tb.Fatal(err)
	}
	emulator := httptest.NewServer(e)
	defer emulator.Close()
	var body []byte
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, r)
		body = rec.Body.Bytes()
		_, _ = w.Write(body)
	}))
	defer proxy.Close()
	if _, err := apiClient(tb, proxy.URL).DescribeGateway(tb.Context(), gateway()); err != nil {
		tb.Fatal(err)
	}
	if !json.Valid(body) {
		tb.Fatalf("the emulator answered %s", body)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	tb.Cleanup(server.Close)
	return server.URL
}

func apiClient(tb testing.TB, url string) *sslvpn.Client {
	tb.Helper()
	c, err := sslvpn.New(sslvpn.Config{Endpoint: url})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.CloseIdleConnections)
	return c.With(sslvpn.Credentials{AccessKeyID: "id", AccessKeySecret: secret.New("secret")}, nil)
}

// bareCall is what a request costs at least: net/http alone, with no signature
// and no decoding.
func bareCall(ctx context.Context, client *http.Client, url string, header http.Header) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return err
	}
	if header != nil {
		req.Header = header
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// apiHeader has as many bytes as the API requires with every request.
func apiHeader() http.Header {
	return http.Header{
		"Accept": {"application/json"}, "User-Agent": {"sslvpn-change"}, "Authorization": {strings.Repeat("x", 230)},
		"X-Acs-Action": {"DescribeVpnGateway"}, "X-Acs-Content-Sha256": {strings.Repeat("0", 64)},
		"X-Acs-Credentials-Provider": {"static_ak"}, "X-Acs-Date": {"2026-11-22T20:45:49Z"},
		"X-Acs-Signature-Nonce": {strings.Repeat("0", 32)}, "X-Acs-Version": {"2016-04-28"},
	}
}

// BenchmarkCall measures a call of the API and compares it with bare requests of
// net/http that read the same answer: one without any header of its own, and
// one with headers as the API requires them. They alternate, so that a busy
// machine affects all of them. All figures include the server's share.
//
//	client_allocs  allocations of a call; the aim is at most 120
//	bare_allocs    allocations of a bare request
//	client_us      median of a call
//	bare_us        median of a bare request
//	ratio          client_us by bare_us; the aim is at most 1.25
//	header_ratio   client_us by the median of a bare request with headers
func BenchmarkCall(b *testing.B) {
	url := recorded(b)
	client, api := &http.Client{Transport: &http.Transport{}}, apiClient(b, url)
	defer client.CloseIdleConnections()
	fail := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	kinds := []func(){
		func() { _, err := api.DescribeGateway(b.Context(), gateway()); fail(err) },
		func() { fail(bareCall(b.Context(), client, url, nil)) },
		func() { fail(bareCall(b.Context(), client, url, apiHeader())) },
	}
	allocs := []float64{testing.AllocsPerRun(200, kinds[0]), testing.AllocsPerRun(200, kinds[1])}
	took := make([][]time.Duration, len(kinds))
	for b.Loop() {
		for i, kind := range kinds {
			began := time.Now()
			kind()
			took[i] = append(took[i], time.Since(began))
		}
	}
	median := make([]float64, len(kinds)) // microseconds
	for i, all := range took {
		slices.Sort(all)
		median[i] = float64(all[len(all)/2]) / float64(time.Microsecond)
	}
	b.ReportMetric(allocs[0], "client_allocs")
	b.ReportMetric(allocs[1], "bare_allocs")
	b.ReportMetric(median[0], "client_us")
	b.ReportMetric(median[1], "bare_us")
	b.ReportMetric(median[0]/median[1], "ratio")
	b.ReportMetric(median[0]/median[2], "header_ratio")
	b.ReportMetric(0, "ns/op") // of one of each: says nothing
}
