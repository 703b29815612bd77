// Package cloudtest gives tests the emulated OSS and VPC API and the production
// clients that speak to them over HTTP.
package cloudtest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	blobstore "github.com/sslvpn-change/sslvpn-change/internal/blob/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// What the emulated account has.
const (
	Region    = "cn-hangzhou"
	Bucket    = "change-bucket"
	Account   = "1234567890123456"
	keyID     = "STS.cloudtest"
	keySecret = "cloudtest-secret-0123456789"
	token     = "cloudtest-security-token"
)

// Cloud is an emulated account.
type Cloud struct {
	OSS   *oss.Emulator
	VPC   *vpc.Emulator
	Store *blobstore.Store // the change bucket, through the production client
	Clock *Clock           // of the function

	t         testing.TB
	connector *blobstore.Connector
	api       *sslvpn.Client
}

// Clock is a clock that can be set ahead.
type Clock struct{ ahead atomic.Int64 }

// Now is the time.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Advance sets the clock ahead.
func (c *Clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

// Option changes how the account is emulated.
type Option func(*oss.Options, *vpc.Options)

// Configuring sets how long gateways are busy after a modification.
func Configuring(d time.Duration) Option {
	return func(_ *oss.Options, o *vpc.Options) { o.Configuring = d }
}

// WithOSS changes the OSS emulator's options.
func WithOSS(f func(*oss.Options)) Option { return func(o *oss.Options, _ *vpc.Options) { f(o) } }

// New starts an emulated account with one bucket and no servers. It ends with
// the test.
func New(t testing.TB, opts ...Option) *Cloud {
	t.Helper()
	oo := oss.Options{
		Dir: t.TempDir(), Region: Region, AccountID: Account,
		Credentials: []oss.Credentials{{AccessKeyID: keyID, AccessKeySecret: keySecret, SecurityToken: token}},
	}
	vo := vpc.Options{Credentials: []vpc.Credential{{AccessKeyID: keyID, AccessKeySecret: keySecret, SecurityToken: token}}}
	for _, o := range opts {
		o(&oo, &vo)
	}
	c := &Cloud{t: t, Clock: &Clock{}, VPC: vpc.New(vo)}
	var err error
	if c.OSS, err = oss.New(oo); err != nil {
		t.Fatal(err)
	}
	if err := c.OSS.CreateBucket(Bucket); err != nil {
		t.Fatal(err)
	}
	ossServer, vpcServer := httptest.NewServer(c.OSS), httptest.NewServer(c.VPC)
	t.Cleanup(func() {
		c.OSS.ClearFaults()
		c.VPC.ClearFaults()
		c.connector.Close()
		c.api.CloseIdleConnections()
		ossServer.Close()
		vpcServer.Close()
		if err := c.OSS.Close(); err != nil {
			t.Error(err)
		}
	})
	if c.connector, err = blobstore.NewConnector(blobstore.Config{Region: Region, Endpoint: ossServer.URL}); err != nil {
		t.Fatal(err)
	}
	if c.Store, err = c.connector.Bucket(Bucket, blobstore.Credentials{AccessKeyID: keyID, AccessKeySecret: secret.New(keySecret), SecurityToken: secret.New(token)}); err != nil {
		t.Fatal(err)
	}
	if c.api, err = sslvpn.New(sslvpn.Config{Endpoint: vpcServer.URL, CallTimeout: 2 * time.Second}); err != nil {
		t.Fatal(err)
	}
	return c
}

// Server is a target with the settings of the API reference's examples.
func (c *Cloud) Server(id string) change.Target {
	c.t.Helper()
	err := c.VPC.AddServer(vpc.Server{
		RegionID: Region, ID: id, GatewayID: "vpn-of-" + id, Name: "test", ClientIPPool: "10.30.30.0/24",
		LocalSubnet: "10.20.20.0/24", Proto: "UDP", Port: 1194, Cipher: "AES-128-CBC", MaxConnections: 5,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return change.Target{RegionID: Region, ServerID: id}
}

// API is the production client of the emulated VPC API.
//
//nolint:ireturn // the consumer's dependency is a function that returns its interface
func (c *Cloud) API(observe func(sslvpn.Call)) reconcile.API {
	return c.api.With(sslvpn.Credentials{AccessKeyID: keyID, AccessKeySecret: secret.New(keySecret), SecurityToken: secret.New(token)}, observe)
}

// Log is a logger that writes to the test.
func Log(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(string(p))
	return len(p), nil
}

// Policy is a policy for tests: production's rules, with waits of
// milliseconds.
func Policy() reconcile.Policy {
	p := reconcile.DefaultPolicy()
	p.WaitBudget, p.FirstPoll, p.MaxPoll, p.MaxThrottle = 20*time.Second, 10*time.Millisecond, 20*time.Millisecond, 20*time.Millisecond
	p.CallTime, p.StartDelay, p.Doubt = 3*time.Second, 20*time.Millisecond, 200*time.Millisecond
	p.FirstPause, p.MaxPause, p.Landing = 10*time.Millisecond, 20*time.Millisecond, 50*time.Millisecond
	p.Return = 0 // the clients of most tests do not move
	return p
}

// Deps are those of one invocation of a minute.
func (c *Cloud) Deps(t testing.TB, owner string) reconcile.Deps {
	return reconcile.Deps{
		Bucket: c.Store, Records: record.NewRecords(c.Store), API: c.API, Owner: owner, AccountID: Account,
		Deadline: c.Clock.Now().Add(time.Minute), Reserve: time.Second,
		Now: c.Clock.Now, Nonce: rand.Text, Log: Log(t),
	}
}

// Keys lists the keys below a prefix.
func (c *Cloud) Keys(ctx context.Context, prefix string) []string {
	c.t.Helper()
	var keys []string
	after := ""
	for {
		page, err := c.Store.List(ctx, blob.ListOptions{Prefix: prefix, After: after})
		if err != nil {
			c.t.Fatal(err)
		}
		for _, e := range page.Entries {
			keys = append(keys, e.Key)
		}
		if after = page.Next; after == "" {
			return keys
		}
	}
}
