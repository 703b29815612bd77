package vpc

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options configures an emulator. With the zero value there are no credentials,
// so every request is refused.
type Options struct {
	// Credentials are accepted; more can be added later.
	Credentials []Credential
	// Configuring is how long a gateway is updating after a modification of
	// more than the name; 0 means that it is active again at once. The real
	// figure is not published; 15 to 60 s fits what acceptance tests took.
	Configuring time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// UnknownServerIs404 answers 404 InvalidSslVpnServerId.NotFound to a
	// describe call for an unknown server, instead of an empty list. The
	// vendor's Terraform provider handles both.
	UnknownServerIs404 bool
	// ReturnAfter is how long clients that a modification disconnects need to
	// connect again; 0 means 2 s (observed with OpenVPN over UDP).
	ReturnAfter time.Duration
	// RateLimits turns on flow control: calls a minute by action, in each region.
	// Quotas gives the published ones.
	RateLimits map[string]int
	// RenameWhileUpdating accepts a modification of the name alone while the
	// gateway is updating. Whether the real service does is unknown; refusing
	// is the own choice.
	RenameWhileUpdating bool
	// Permits reports whether the policies of a key allow an action, such as
	// vpc:DescribeVpnGateway, on a resource; nil: everything is allowed.
	Permits func(keyID, action, resource string) bool
	// AccountID is that of the resources which Permits is asked about.
	AccountID string
	// Before is called before a call is processed, After when it has been carried
	// out or refused and its answer is not sent yet; a call with a fault has an
	// After only if the fault carries it out. Both may block, to pause the client,
	// and may panic with http.ErrAbortHandler, to cut its connection.
	Before, After func(Call)
}

// Credential is a key that the emulator accepts. A request must echo the
// security token of its key exactly.
type Credential struct {
	AccessKeyID     string    `json:"accessKeyId"`
	AccessKeySecret string    `json:"accessKeySecret"`
	SecurityToken   string    `json:"securityToken,omitempty"` // "" for a permanent key
	Expires         time.Time `json:"expires,omitzero"`        // zero: never
}

// Emulator is the emulated API, an http.Handler. It is safe for concurrent use.
type Emulator struct {
	opts Options

	mu       sync.Mutex
	keys     map[string]Credential // by access key id and token
	nonces   map[string]time.Time
	swept    time.Time // when old nonces were last dropped
	servers  map[string]*Server
	gateways map[string]*Gateway
	clients  map[string][]Client // by server
	certs    map[string]Certificate
	vpcs     map[string]VPC
	denied   []string           // actions
	tokens   map[string]outcome // by ClientToken
	regions  map[string]string  // their names, "" for those that are not listed
	quota    *Quota
	faults   []Fault
	broken   Broken
	log      callLog
	file     string // of Keep; "" if the state is in memory only
}

// New makes an emulator without servers.
func New(opts Options) *Emulator {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Before == nil {
		opts.Before = func(Call) {}
	}
	if opts.After == nil {
		opts.After = func(Call) {}
	}
	e := &Emulator{
		opts:     opts,
		keys:     map[string]Credential{},
		nonces:   map[string]time.Time{},
		servers:  map[string]*Server{},
		gateways: map[string]*Gateway{},
		clients:  map[string][]Client{},
		certs:    map[string]Certificate{},
		vpcs:     map[string]VPC{},
		tokens:   map[string]outcome{},
		regions:  regionNames(),
		quota:    NewQuota(opts.RateLimits),
		log:      callLog{counts: map[string]int{}},
	}
	e.Accept(opts.Credentials...)
	return e
}

// Accept adds credentials, as new invocations bring new ones.
func (e *Emulator) Accept(credentials ...Credential) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range credentials {
		e.keys[c.AccessKeyID+"\n"+c.SecurityToken] = c
	}
}

// ServeHTTP answers the API's requests and those to the control surface.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, adminPath) {
		e.admin(w, r)
		return
	}
	c, refusal := parse(w, r)
	c.at, c.requestID = e.opts.Now(), newRequestID()
	e.opts.Before(entry(c, outcome{}))
	if refusal == nil {
		refusal = e.authenticate(c)
	}
	if refusal != nil {
		e.record(c, outcome{err: refusal})
		refusal.write(w, c)
		return
	}
	if f, ok := e.takeFault(c); ok {
		e.serveFault(w, r, c, f)
		return
	}
	e.perform(c).write(w, c)
}

// perform carries the call out and logs it.
func (e *Emulator) perform(c *call) outcome {
	out := e.commit(c)
	e.opts.After(entry(c, out))
	return out
}

func (e *Emulator) commit(c *call) outcome {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.dispatch(c)
	if out.stored {
		if err := e.keep(); err != nil {
			out = refuse(&apiError{status: http.StatusInternalServerError, code: "InternalError", message: "the emulator cannot keep its state: " + err.Error()})
		}
	}
	e.log.add(c, out)
	return out
}

// record logs a call that was not carried out.
func (e *Emulator) record(c *call, out outcome) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.log.add(c, out)
}

// dispatch runs with the lock held.
func (e *Emulator) dispatch(c *call) outcome {
	if wait, ok := e.quota.Take(c.params.Get("RegionId"), c.action, c.at); !ok {
		return outcome{err: throttled(HintTimeLeft, wait)}
	}
	if knownParams(c.action) == nil {
		return refuse(&apiError{status: http.StatusNotFound, code: "InvalidApi.NotFound", message: "Specified api is not found, please check your url and method."}) // documented
	}
	if refusal := e.checkRegion(c); refusal != nil {
		return refuse(refusal)
	}
	if refusal := checkParams(c); refusal != nil {
		return refuse(refusal)
	}
	if slices.Contains(e.denied, c.action) || !e.permitted(c) {
		return refuse(errForbidden())
	}
	return e.actions()[c.action](c)
}

// actions are what the emulator implements; knownParams has the parameters of each.
func (e *Emulator) actions() map[string]func(*call) outcome {
	return map[string]func(*call) outcome{
		DescribeSslVpnClients:     e.describeClients,
		DescribeSslVpnClientCerts: e.describeCertificates,
		DescribeSslVpnClientCert:  e.certificateKey,
		DescribeVpcAttribute:      e.describeVPC,
		DescribeSslVpnServers:     e.describeServers,
		DescribeVpnGateway:        e.describeGateway,
		DescribeVpnGateways:       e.describeGateways,
		DescribeRegions:           e.describeRegions,
		DescribeVpnSslServerLogs:  e.serverLogs,
		ModifySslVpnServer:        e.modify,
		CreateSslVpnServer:        e.createServer,
		DeleteSslVpnServer:        e.deleteServer,
		CreateSslVpnClientCert:    e.createCertificate,
		ModifySslVpnClientCert:    e.modifyCertificate,
		DeleteSslVpnClientCert:    e.deleteCertificate,
	}
}
