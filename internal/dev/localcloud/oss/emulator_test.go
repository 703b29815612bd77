package oss_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

const (
	bucketName = "changes"
	keyID      = "key-id"
	keySecret  = "key-secret"
)

// harness is an emulator, its server, and the official SDK talking to it.
type harness struct {
	*oss.Emulator

	dir    string
	server *httptest.Server
	events chan oss.Event
}

func newHarness(t *testing.T, change ...func(*oss.Options)) *harness {
	t.Helper()
	r := &harness{dir: t.TempDir(), events: make(chan oss.Event, 100)}
	r.start(t, change...)
	return r
}

func (r *harness) start(t *testing.T, change ...func(*oss.Options)) {
	t.Helper()
	opts := oss.Options{
		Dir: r.dir, Credentials: []oss.Credentials{{AccessKeyID: keyID, AccessKeySecret: keySecret}},
		Notify: func(e oss.Event) { r.events <- e },
	}
	for _, f := range change {
		f(&opts)
	}
	var err error
	if r.Emulator, err = oss.New(opts); err != nil {
		t.Fatal(err)
	}
	if err := r.CreateBucket(bucketName); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(r.Emulator)
	e := r.Emulator
	r.server = server
	t.Cleanup(func() {
		e.ClearFaults()
		server.Close()
		_ = e.Close()
	})
}

// bucket is the SDK's client for a bucket.
func (r *harness) bucket(t *testing.T, opts ...sdk.ClientOption) *sdk.Bucket {
	t.Helper()
	opts = append([]sdk.ClientOption{sdk.AuthVersion(sdk.AuthV4), sdk.Region("cn-hangzhou")}, opts...)
	client, err := sdk.New(r.server.URL, keyID, keySecret, opts...)
	if err != nil {
		t.Fatal(err)
	}
	b, err := client.Bucket(bucketName)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t *testing.T, b *sdk.Bucket, key, content string, opts ...sdk.Option) {
	t.Helper()
	if err := b.PutObject(key, strings.NewReader(content), opts...); err != nil {
		t.Fatalf("put %q: %v", key, err)
	}
}

func get(t *testing.T, b *sdk.Bucket, key string) string {
	t.Helper()
	body, err := b.GetObject(key, sdk.AcceptEncoding("identity"))
	if err != nil {
		t.Fatalf("get %q: %v", key, err)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("get %q: %v", key, err)
	}
	return string(data)
}

// wantCode checks the error's code and detail code.
func wantCode(t *testing.T, err error, status int, code, ec string) {
	t.Helper()
	se, ok := err.(sdk.ServiceError) //nolint:errorlint // the SDK never wraps it
	if !ok || se.StatusCode != status || se.Code != code || se.Ec != ec || se.RequestID == "" || se.HostID == "" {
		t.Fatalf("got %#v, want %d %s %s", err, status, code, ec)
	}
}

func TestEverySignatureVersionAndAddressStyle(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	_, port, err := net.SplitHostPort(r.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	// Every host name leads to the emulator, as a resolver would have it.
	dial := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+port)
	}}}
	t.Cleanup(dial.CloseIdleConnections)
	const key = "a b/c+d/100%/工单.yaml"
	for _, version := range []sdk.AuthVersionType{sdk.AuthV1, sdk.AuthV4} {
		path := r.bucket(t, sdk.AuthVersion(version))
		put(t, path, key, "by path "+string(version), sdk.Meta("ticket", "CHG-1"), sdk.ContentType("text/plain"))
		if got := get(t, path, key); got != "by path "+string(version) {
			t.Errorf("%s by path: got %q", version, got)
		}
		client, err := sdk.New("http://oss-cn-hangzhou.aliyuncs.com", keyID, keySecret,
			sdk.AuthVersion(version), sdk.Region("cn-hangzhou"), sdk.HTTPClient(dial))
		if err != nil {
			t.Fatal(err)
		}
		virtual, err := client.Bucket(bucketName)
		if err != nil {
			t.Fatal(err)
		}
		if got := get(t, virtual, key); got != "by path "+string(version) {
			t.Errorf("%s by host: got %q", version, got)
		}
		list, err := virtual.ListObjectsV2(sdk.Prefix("a b/"), sdk.MaxKeys(10), sdk.StartAfter("a b/c"))
		if err != nil || len(list.Objects) != 1 || list.Objects[0].Key != key {
			t.Errorf("%s list by host: got %+v, %v", version, list.Objects, err)
		}
		head, err := virtual.GetObjectDetailedMeta(key)
		if err != nil || head.Get("X-Oss-Meta-Ticket") != "CHG-1" || head.Get("Content-Type") != "text/plain" {
			t.Errorf("%s head by host: got %v, %v", version, head, err)
		}
	}
}

func TestWrongSignaturesAreRefused(t *testing.T) {
	t.Parallel()
	r := newHarness(t, func(o *oss.Options) { o.RefuseV1 = true })
	r.Accept(oss.Credentials{AccessKeyID: "sts", AccessKeySecret: "s", SecurityToken: "token", Expires: time.Now().Add(time.Hour)})
	r.Accept(oss.Credentials{AccessKeyID: "old", AccessKeySecret: "s", SecurityToken: "token", Expires: time.Now().Add(-time.Hour)})
	for _, c := range []struct {
		name           string
		id, secret     string
		opts           []sdk.ClientOption
		status         int
		code, ec       string
		expectsSuccess bool
	}{
		{name: "another secret", id: keyID, secret: "x", status: 403, code: "SignatureDoesNotMatch", ec: "0002-00000040"},
		{name: "an unknown key", id: "x", secret: "x", status: 403, code: "InvalidAccessKeyId", ec: "0002-00000902"},
		{name: "another region", id: keyID, secret: keySecret, opts: []sdk.ClientOption{sdk.Region("cn-beijing")}, status: 403, code: "SignatureDoesNotMatch", ec: "0002-00000040"},
		{name: "no region", id: keyID, secret: keySecret, opts: []sdk.ClientOption{sdk.Region("")}, status: 403, code: "SignatureDoesNotMatch", ec: "0002-00000040"},
		{name: "version 1", id: keyID, secret: keySecret, opts: []sdk.ClientOption{sdk.AuthVersion(sdk.AuthV1)}, status: 403, code: "InvalidArgument", ec: "0002-00000080"},
		{name: "no token", id: "sts", secret: "s", status: 403, code: "InvalidSecurityToken"},
		{name: "an expired token", id: "old", secret: "s", opts: []sdk.ClientOption{sdk.SecurityToken("token")}, status: 403, code: "SecurityTokenExpired"},
		{name: "a good token", id: "sts", secret: "s", opts: []sdk.ClientOption{sdk.SecurityToken("token")}, expectsSuccess: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			opts := append([]sdk.ClientOption{sdk.AuthVersion(sdk.AuthV4), sdk.Region("cn-hangzhou")}, c.opts...)
			client, err := sdk.New(r.server.URL, c.id, c.secret, opts...)
			if err != nil {
				t.Fatal(err)
			}
			b, err := client.Bucket(bucketName)
			if err != nil {
				t.Fatal(err)
			}
			err = b.PutObject("k", strings.NewReader("x"))
			if c.expectsSuccess {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantCode(t, err, c.status, c.code, c.ec)
		})
	}
}

func TestAClockFarOffIsRefusedAndAdvanceIsNot(t *testing.T) {
	t.Parallel()
	r := newHarness(t, func(o *oss.Options) { o.Clock = func() time.Time { return time.Now().Add(20 * time.Minute) } })
	wantCode(t, r.bucket(t).PutObject("k", strings.NewReader("x")), 403, "RequestTimeTooSkewed", "")

	r = newHarness(t)
	b := r.bucket(t)
	put(t, b, "old", "x")
	before := r.Now()
	r.Advance(time.Hour)
	put(t, b, "new", "x")
	var h http.Header
	if _, err := b.GetObjectMeta("new", sdk.GetResponseHeader(&h)); err != nil {
		t.Fatal(err)
	}
	modified, err := http.ParseTime(h.Get("Last-Modified"))
	if err != nil || modified.Before(before.Add(time.Hour)) || modified.Nanosecond() != 0 {
		t.Errorf("Last-Modified: got %v, %v, want an hour after %v", modified, err, before)
	}
	if date, err := http.ParseTime(h.Get("Date")); err != nil || date.Before(modified) {
		t.Errorf("Date: got %v, %v, want from %v", date, err, modified)
	}
	r.Advance(-2 * time.Hour)
	if r.Now().Before(modified) {
		t.Errorf("the clock ran backward to %v", r.Now())
	}
}

func TestTheStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	put(t, b, "kept", "content", sdk.Meta("ticket", "CHG-1"))
	put(t, b, "gone", "content")
	put(t, b, "both", "file")
	put(t, b, "both/below", "below")
	if err := b.DeleteObject("gone"); err != nil {
		t.Fatal(err)
	}
	if err := r.SetVersioning(bucketName, "Suspended"); err != nil {
		t.Fatal(err)
	}
	before, err := b.GetObjectDetailedMeta("kept")
	if err != nil {
		t.Fatal(err)
	}
	r.server.Close()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	// A kill in the middle of a line.
	journal, err := os.OpenFile(filepath.Join(r.dir, ".oss", bucketName, "journal.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.WriteString(`{"key":"half`); err != nil {
		t.Fatal(err)
	}
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}

	r.start(t)
	b = r.bucket(t)
	after, err := b.GetObjectDetailedMeta("kept")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ETag", "Last-Modified", "X-Oss-Meta-Ticket", "X-Oss-Hash-Crc64ecma"} {
		if after.Get(name) != before.Get(name) || after.Get(name) == "" {
			t.Errorf("%s: got %q, want %q", name, after.Get(name), before.Get(name))
		}
	}
	if got := get(t, b, "both") + get(t, b, "both/below"); got != "filebelow" {
		t.Errorf("got %q", got)
	}
	if ok, err := b.IsObjectExist("gone"); ok || err != nil {
		t.Errorf("a deleted object: got %v, %v", ok, err)
	}
	status, err := b.Client.GetBucketVersioning(bucketName)
	if err != nil || status.Status != "Suspended" {
		t.Errorf("versioning: got %+v, %v", status, err)
	}
	if err := r.Scan(); err != nil {
		t.Fatal(err)
	}
	if err := r.Scan(); err != nil {
		t.Fatal(err)
	}
	for len(r.events) > 0 {
		if e := <-r.events; e.Principal == oss.LocalFile {
			t.Errorf("what the API wrote counts as copied in: %+v", e)
		}
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	const latency = 50 * time.Millisecond
	var arrived, done time.Time
	r := newHarness(t, func(o *oss.Options) {
		o.Latency = latency
		o.Before = func(oss.Request) { arrived = time.Now() }
		o.After = func(oss.Request) { done = time.Now() }
	})
	if err := r.bucket(t).PutObject("a", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if took := done.Sub(arrived); took < latency {
		t.Errorf("the write was done %v after it came, and should take %v", took, latency)
	}
}
