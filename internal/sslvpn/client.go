package sslvpn

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Config sets up a Client. Its zero value works.
type Config struct {
	// Endpoint is one URL for every region, such as https://vpc.aliyuncs.com or
	// http://127.0.0.1:9010 (plain http is for loopback only); "" chooses the
	// public endpoint of each region.
	Endpoint string
	// CallTimeout bounds one request and its answer; 0 means 10 s.
	CallTimeout time.Duration
	// Reserve is the time before the context's deadline that no retry of a read
	// may use; 0 means 1 s.
	Reserve time.Duration
	// Now is the clock of signatures; nil means time.Now.
	Now func() time.Time
	// Resolver looks up hosts; nil means the system's.
	Resolver *net.Resolver
	// Nonce makes a new nonce for every request; nil means 32 random hex digits.
	Nonce func() string
}

// Client calls the VPC API. Make one per instance with New, and a copy with
// the credentials of the invocation with With.
type Client struct {
	cfg      Config
	endpoint *url.URL // nil: by region
	reads    *http.Transport
	writes   *http.Transport
	creds    Credentials
	regions  change.Regions
	observe  func(Call)
}

// New makes a client that has no credentials yet: see With.
func New(cfg Config) (*Client, error) {
	u, err := parseEndpoint(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	if cfg.CallTimeout <= 0 {
		cfg.CallTimeout = 10 * time.Second
	}
	if cfg.Reserve <= 0 {
		cfg.Reserve = time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Nonce == nil {
		cfg.Nonce = randomNonce
	}
	return &Client{cfg: cfg, endpoint: u, reads: newTransport(true, cfg.Resolver), writes: newTransport(false, cfg.Resolver), observe: func(Call) {}}, nil
}

// With returns a copy that signs with creds and calls observe, which may be nil,
// after every request. The copy shares the connections and is cheap.
func (c *Client) With(creds Credentials, observe func(Call)) *Client {
	out := *c
	out.creds = creds
	if observe != nil {
		out.observe = observe
	}
	return &out
}

// In returns a copy that calls the API in these regions only. Without it, they are the
// published ones. The copy shares the connections and is cheap.
func (c *Client) In(regions change.Regions) *Client {
	out := *c
	out.regions = regions
	return &out
}

// CloseIdleConnections closes the kept connections.
func (c *Client) CloseIdleConnections() {
	c.reads.CloseIdleConnections()
	c.writes.CloseIdleConnections()
}

// newTransport makes a transport for reads, which keeps connections, or for
// modifications, which opens a new one for each: a kept connection may have
// been closed by the server while the instance was frozen, and its EOF would
// needlessly leave the outcome of a modification unknown.
func newTransport(keep bool, resolver *net.Resolver) *http.Transport {
	dialer := &net.Dialer{Timeout: 3 * time.Second, KeepAlive: 15 * time.Second, Resolver: resolver}
	return &http.Transport{
		// No proxy: it would come from the environment, which only the
		// configuration reads, and it would see who may change the VPN.
		Proxy:                  nil,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		IdleConnTimeout:        20 * time.Second, // the API closes after 25 s
		MaxIdleConnsPerHost:    8,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // the bound of a body must bound what is read
		DisableKeepAlives:      !keep,
	}
}

func randomNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// DescribeServer reads one server. A server that the API does not know is an
// Error of ClassInvalid with the code InvalidSslVpnServerId.NotFound, whether
// the API says so or lists nothing. While the API is unavailable, the request is
// sent up to 3 times.
func (c *Client) DescribeServer(ctx context.Context, t change.Target) (Server, error) {
	r := request{action: describeServer, region: t.RegionID, params: []param{{"SslVpnServerId", t.ServerID}}}
	var s Server
	err := c.read(ctx, r, func(n node) (err error) { s, err = serverFrom(n, t); return err })
	if err != nil {
		return Server{}, err
	}
	return s, nil
}

// DescribeGateway reads one gateway. While the API is unavailable, the request
// is sent up to 3 times.
func (c *Client) DescribeGateway(ctx context.Context, ref GatewayRef) (Gateway, error) {
	r := request{action: describeGateway, region: ref.RegionID, params: []param{{"VpnGatewayId", ref.GatewayID}}}
	var g Gateway
	err := c.read(ctx, r, func(n node) (err error) { g, err = gatewayFrom(n, ref); return err })
	if err != nil {
		return Gateway{}, err
	}
	return g, nil
}

// ModifyServer sends a modification once and never repeats it. An Error of
// ClassUnknown says that it may have been done.
func (c *Client) ModifyServer(ctx context.Context, m Modification) (ModifyReply, error) {
	if len(m.Patch) == 0 {
		return ModifyReply{}, refuse(modifyServer, "nothing to modify: the patch is empty")
	}
	if !validToken(m.ClientToken) {
		return ModifyReply{}, refuse(modifyServer, "ClientToken must have 1 to 64 printable ASCII characters")
	}
	r := request{action: modifyServer, region: m.RegionID, params: append(m.settings(),
		param{"SslVpnServerId", m.ServerID},
		param{"ClientToken", m.ClientToken},
	)}
	var reply ModifyReply
	err := c.send(ctx, r, func(n node) (err error) { reply, err = modifiedFrom(n, m.Target); return err })
	if err != nil {
		return ModifyReply{}, err
	}
	return reply, nil
}

func validToken(s string) bool {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 64
}
