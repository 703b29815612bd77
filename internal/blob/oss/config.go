package oss

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
)

// Config says where the buckets are.
type Config struct {
	// Region as signatures name it: cn-hangzhou, not oss-cn-hangzhou.
	Region string
	// Endpoint overrides https://oss-<region>-internal.aliyuncs.com, which is
	// reachable from functions and ECS of the region and free of traffic fees.
	// Plain http is accepted for loopback addresses only: V4 signatures do not
	// cover the body.
	Endpoint string
	// AnswerTimeout bounds the wait for an answer's header; 0 for 5 s.
	AnswerTimeout time.Duration
}

// Connector owns the connections to one endpoint. Make one with NewConnector.
type Connector struct {
	region    string
	endpoint  string
	pathStyle bool
	client    *http.Client
	transport *http.Transport
}

// NewConnector checks the configuration; it sends nothing.
func NewConnector(cfg Config) (*Connector, error) {
	if strings.HasPrefix(cfg.Region, "oss-") {
		return nil, fmt.Errorf("region %q: leave out the prefix oss-, as in cn-hangzhou", cfg.Region)
	}
	if !validRegion(cfg.Region) {
		return nil, fmt.Errorf("region %q is not a region id such as cn-hangzhou", cfg.Region)
	}
	c := &Connector{region: cfg.Region, endpoint: cfg.Endpoint}
	if c.endpoint == "" {
		c.endpoint = "https://oss-" + cfg.Region + "-internal.aliyuncs.com"
	}
	u, err := endpoint.Parse(c.endpoint)
	if err != nil {
		return nil, fmt.Errorf("the endpoint of OSS %w", err)
	}
	c.endpoint = u.String()
	c.pathStyle = endpoint.Loopback(u.Hostname())
	if cfg.AnswerTimeout <= 0 {
		cfg.AnswerTimeout = 5 * time.Second
	}
	c.transport = newTransport(cfg.AnswerTimeout)
	c.client = &http.Client{
		Transport: &replayer{next: c.transport},
		// A redirect would carry the signature elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Close drops idle connections.
func (c *Connector) Close() { c.transport.CloseIdleConnections() }

// validRegion reports whether s looks like the id of a region: two small letters,
// then small letters, digits and hyphens, with no hyphen at the end. The region
// becomes part of a host name.
func validRegion(s string) bool {
	if len(s) < 3 || strings.HasSuffix(s, "-") {
		return false
	}
	for i, c := range []byte(s) {
		letter, other := c >= 'a' && c <= 'z', c == '-' || (c >= '0' && c <= '9')
		if !letter && (i < 2 || !other) {
			return false
		}
	}
	return true
}

// Option changes how a Store works.
type Option func(*Store)

// WithObserver calls f for every HTTP request that is written to a connection,
// repetitions included. It may be called from several goroutines.
func WithObserver(f func()) Option { return func(s *Store) { s.observe = f } }

// Bucket returns the store of a bucket, which signs with the given credentials.
// It sends nothing: Preflight checks that the bucket is usable.
func (c *Connector) Bucket(name string, creds Credentials, opts ...Option) (*Store, error) {
	if creds.AccessKeyID == "" || creds.AccessKeySecret.IsZero() {
		return nil, fmt.Errorf("bucket %q: the credentials have no access key: does the function have a role?", name)
	}
	client, err := sdk.New(c.endpoint, creds.AccessKeyID, creds.AccessKeySecret.Reveal(),
		sdk.SecurityToken(creds.SecurityToken.Reveal()),
		sdk.AuthVersion(sdk.AuthV4), // V1 is refused for buckets made since September 2025
		sdk.Region(c.region),
		sdk.HTTPClient(c.client),
		sdk.ForcePathStyle(c.pathStyle),
		sdk.EnableCRC(true),
	)
	if err != nil {
		return nil, fmt.Errorf("bucket %q: %w", name, err)
	}
	b, err := client.Bucket(name)
	if err != nil {
		return nil, fmt.Errorf("bucket %q: %w", name, err)
	}
	s := &Store{name: name, bucket: b, observe: func() {}}
	for _, o := range opts {
		o(s)
	}
	return s, nil
}
