package oss

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"
)

var regionForm = regexp.MustCompile(`^[a-z]{2}[a-z0-9-]*[a-z0-9]$`)

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

// Connector holds the connections to one endpoint. Not usable as its zero
// value; call NewConnector.
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
	if !regionForm.MatchString(cfg.Region) {
		return nil, fmt.Errorf("region %q is not a region id such as cn-hangzhou", cfg.Region)
	}
	c := &Connector{region: cfg.Region, endpoint: cfg.Endpoint}
	if c.endpoint == "" {
		c.endpoint = "https://oss-" + cfg.Region + "-internal.aliyuncs.com"
	}
	u, err := url.Parse(c.endpoint)
	if err != nil {
		return nil, fmt.Errorf("OSS endpoint %q is not a URL such as https://oss-%s-internal.aliyuncs.com", c.endpoint, cfg.Region)
	}
	if err := checkEndpoint(u); err != nil {
		return nil, err
	}
	c.endpoint = u.Scheme + "://" + u.Host
	c.pathStyle = isLoopback(u.Hostname())
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

func checkEndpoint(u *url.URL) error {
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return fmt.Errorf("OSS endpoint %q must have the form https://host", u.Redacted())
	case u.User != nil, u.RawQuery != "", u.Fragment != "", u.Path != "" && u.Path != "/":
		return fmt.Errorf("OSS endpoint %q must be a scheme and a host alone", u.Redacted())
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return fmt.Errorf("OSS endpoint %q: plain http is accepted for loopback addresses only; use https", u.Redacted())
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Option changes how a Store works.
type Option func(*Store)

// WithObserver has f called for every HTTP request that is really written to
// a connection, replays included. It may be called from several goroutines.
func WithObserver(f func()) Option { return func(s *Store) { s.observe = f } }

// Bucket gives a store on a bucket, signing with the given credentials. It
// sends nothing: Guard is the check that the bucket is there and fit.
func (c *Connector) Bucket(name string, creds Credentials, opts ...Option) (*Store, error) {
	if creds.AccessKeyID == "" || creds.AccessKeySecret == "" {
		return nil, fmt.Errorf("bucket %q: the credentials have no access key: does the function have a role?", name)
	}
	client, err := sdk.New(c.endpoint, creds.AccessKeyID, creds.AccessKeySecret,
		sdk.SecurityToken(creds.SecurityToken),
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
