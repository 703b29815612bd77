package oss_test

import (
	"net/http/httptest"
	"os"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/blob/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/blobtest"
	cloud "github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

const testBucket = "changes-test"

// harness is the production client talking to an emulator over HTTP.
type harness struct {
	*cloud.Emulator

	server    *httptest.Server
	connector *oss.Connector
	store     *oss.Store
}

func testCredentials() oss.Credentials {
	return oss.Credentials{AccessKeyID: "STS.test", AccessKeySecret: secret.New("not-a-secret"), SecurityToken: secret.New("token")}
}

func newHarness(t *testing.T, change ...func(*cloud.Options, *oss.Config)) *harness {
	t.Helper()
	opts := cloud.Options{Dir: t.TempDir(), Region: "cn-hangzhou"}
	cfg := oss.Config{Region: "cn-hangzhou"}
	for _, f := range change {
		f(&opts, &cfg)
	}
	c := testCredentials()
	opts.Credentials = []cloud.Credentials{{AccessKeyID: c.AccessKeyID, AccessKeySecret: c.AccessKeySecret.Reveal(), SecurityToken: c.SecurityToken.Reveal()}}
	e, err := cloud.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.CreateBucket(testBucket); err != nil {
		t.Fatal(err)
	}
	r := &harness{Emulator: e, server: httptest.NewServer(e)}
	t.Cleanup(func() {
		e.ClearFaults()
		r.server.Close()
		if err := e.Close(); err != nil {
			t.Errorf("close the emulator: %v", err)
		}
	})
	cfg.Endpoint = r.server.URL
	if r.connector, err = oss.NewConnector(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.connector.Close)
	r.store = r.open(t, testBucket, testCredentials())
	return r
}

func (r *harness) open(t *testing.T, bucket string, c oss.Credentials, opts ...oss.Option) *oss.Store {
	t.Helper()
	s, err := r.connector.Bucket(bucket, c, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (r *harness) inject(t *testing.T, faults ...cloud.Fault) {
	t.Helper()
	for _, f := range faults {
		if err := r.Inject(f); err != nil {
			t.Fatal(err)
		}
	}
}

// ops are the operations of the requests so far, in order.
func (r *harness) ops() []string {
	var out []string
	for _, q := range r.Requests() {
		out = append(out, q.Op)
	}
	return out
}

func TestConformanceOverTheEmulator(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blobtest.Store {
		t.Helper()
		return newHarness(t).store
	})
}

// TestConformanceOverARealBucket runs if OSS_TEST_BUCKET, OSS_TEST_REGION,
// OSS_TEST_ENDPOINT (or none), OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and
// OSS_SESSION_TOKEN (or none) name one.
func TestConformanceOverARealBucket(t *testing.T) {
	t.Parallel()
	env := os.Getenv //nolint:forbidigo // where the bucket is can come from nowhere else
	name := env("OSS_TEST_BUCKET")
	if name == "" {
		return // the emulator run above is the test of every day
	}
	connector, err := oss.NewConnector(oss.Config{Region: env("OSS_TEST_REGION"), Endpoint: env("OSS_TEST_ENDPOINT")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connector.Close)
	store, err := connector.Bucket(name, oss.Credentials{
		AccessKeyID: env("OSS_ACCESS_KEY_ID"), AccessKeySecret: secret.New(env("OSS_ACCESS_KEY_SECRET")),
		SecurityToken: secret.New(env("OSS_SESSION_TOKEN")),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Preflight(t.Context()); err != nil {
		t.Fatal(err)
	}
	blobtest.Run(t, func(*testing.T) blobtest.Store { return store })
}
