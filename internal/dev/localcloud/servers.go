package localcloud

import (
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/tunnel"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// startVPC starts the emulator of the VPC API, and what listens where its servers
// would.
func (c *Cloud) startVPC(opts Options, keys fc.Credentials) error {
	o := vpc.Options{
		Configuring: opts.Configuring, Permits: c.permits(keys.AccessKeyID), AccountID: AccountID,
		Credentials: []vpc.Credential{
			{AccessKeyID: keys.AccessKeyID, AccessKeySecret: keys.AccessKeySecret, SecurityToken: keys.SecurityToken},
			{AccessKeyID: c.keys.id, AccessKeySecret: c.keys.secret},
		},
	}
	if opts.TuneVPC != nil {
		opts.TuneVPC(&o)
	}
	after := o.After
	o.After = func(call vpc.Call) {
		if !strings.HasPrefix(call.Action, "Describe") {
			c.moveTunnels(opts.Logger)
		}
		if after != nil {
			after(call)
		}
	}
	c.vpc = vpc.New(o)
	c.tunnel = tunnel.New(c.vpc)
	c.cleanup = append(c.cleanup, c.tunnel.Close)
	if err := c.fillVPC(opts); err != nil {
		return err
	}
	c.moveTunnels(opts.Logger)
	return nil
}

// fillVPC has the servers of an earlier run, or makes them.
func (c *Cloud) fillVPC(opts Options) error {
	if c.kept != nil {
		found, err := c.vpc.Keep(c.kept.Servers())
		if err != nil {
			return err
		}
		if found {
			return nil
		}
	}
	for _, s := range withAddresses(Servers()) {
		if err := c.vpc.AddServer(s); err != nil {
			return err
		}
	}
	if opts.People {
		return c.connectPeople()
	}
	return nil
}

// withAddresses gives every server a loopback address of its own. The addresses are
// random, so that several clouds on one machine do not collide.
func withAddresses(servers []vpc.Server) []vpc.Server {
	//nolint:gosec // no secret
	second, third := byte(1+rand.N(254)), byte(rand.N(255))
	for n := range servers {
		servers[n].InternetIP = netip.AddrFrom4([4]byte{127, second, third, byte(10 * (n + 1))}).String()
	}
	return servers
}

// moveTunnels has the listeners follow the servers.
func (c *Cloud) moveTunnels(log *slog.Logger) {
	if err := c.tunnel.Sync(); err != nil {
		log.Warn("nothing answers probes for a server", "error", err.Error())
	}
}

// moving has the listeners follow servers that the control surface changes.
func (c *Cloud) moving(h http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/local/") {
			c.moveTunnels(log)
		}
	})
}
