package localcloud

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"net/http"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// The fixed names of the local cloud.
const (
	Region    = "cn-hangzhou"
	AccountID = "1234567890123456"
	Bucket    = "sslvpn-changes"
	Sender    = "demo"  // may request changes over HTTP
	Editor    = "admin" // may put the policy over HTTP
	Assistant = "robot" // an assistant by the policy of the local cloud
	SweepName = "sweep"
	MemoryMB  = 512 // of the function, as deployed
)

// Methods are those that the deployed HTTP trigger lists.
func Methods() []string { return []string{http.MethodGet, http.MethodPost} }

// Options configure a local cloud. Only Function is required.
type Options struct {
	Function string // path of the function's binary; Build makes one
	Dir      string // state and bucket; "" is a new folder that Close removes
	Keep     bool   // Dir keeps the servers, too, and is used by one cloud at a time
	Fresh    bool   // with Keep: what Dir has of the servers and of the bucket is removed

	// Ports on 127.0.0.1; 0 is any free one.
	HTTPPort, OSSPort, VPCPort int

	Configuring  time.Duration // how long a modification keeps a gateway busy
	Timeout      time.Duration // of an invocation; default 300 s, as deployed
	MaxInstances int           // default 10
	SweepEvery   time.Duration // default 1 min, as deployed; negative: only by hand
	Watch        time.Duration // how often the bucket's folder is scanned; default 300 ms
	Env          []string      // KEY=value for the function, after and above the cloud's own

	// People connects clients to the servers. A change that needs a new file keeps them
	// out until it is undone.
	People bool

	// Page makes a page that stands beside the chat page, at UIPath; nil: there is none.
	Page func(*Cloud) (http.Handler, error)

	Policy []byte // put into a bucket that has none; nil: none is put there. See Policy

	Logger *slog.Logger  // what the emulators do; nil: nothing is logged
	Output func(fc.Line) // what the function prints; nil: dropped

	// Called last on each emulator's options, for tests; may be nil.
	TuneFC   func(*fc.Options)
	TuneOSS  func(*oss.Options)
	TuneVPC  func(*vpc.Options)
	TuneChat func(*chat.Options)
}

func (o Options) withDefaults() Options {
	o.Timeout = cmp.Or(o.Timeout, 300*time.Second)
	o.MaxInstances = cmp.Or(o.MaxInstances, 10)
	o.SweepEvery = max(cmp.Or(o.SweepEvery, time.Minute), 0)
	o.Watch = cmp.Or(o.Watch, 300*time.Millisecond)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// credentials makes the temporary credentials that the function's role gets.
func credentials() fc.Credentials {
	return fc.Credentials{
		AccessKeyID:     "STS." + rand.Text(),
		AccessKeySecret: rand.Text() + rand.Text(),
		SecurityToken:   rand.Text() + rand.Text(),
	}
}

// newSecret makes a webhook secret, whsec_ and 32 random bytes.
func newSecret() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails (crypto/rand)
	return "whsec_" + base64.StdEncoding.EncodeToString(key[:])
}

// Servers are the SSL-VPN servers that a local cloud has. The first is the one
// of the API reference's sample.
func Servers() []vpc.Server {
	return []vpc.Server{
		{
			RegionID: Region, ID: "vss-bp18q7hzj6largv4vk2fe", GatewayID: "vpn-bp1q8bgx4xnkm2ogj0fiu",
			Name: "test", ClientIPPool: "10.30.30.0/24", LocalSubnet: "10.20.20.0/24",
			Proto: "UDP", Port: 1194, Cipher: "AES-128-CBC", Compress: true, MaxConnections: 5, InternetIP: "203.0.113.10",
		},
		{
			RegionID: Region, ID: "vss-bp1w3n8c5t7k2m9x4r6y1", GatewayID: "vpn-bp1e5g7j9l2n4q6s8u0w3",
			Name: "office-hangzhou", ClientIPPool: "10.40.0.0/22", LocalSubnet: "10.20.0.0/16,172.16.8.0/22",
			Proto: "UDP", Port: 1194, Cipher: "AES-128-CBC", Connections: 12, MaxConnections: 200, InternetIP: "203.0.113.20",
		},
		{
			RegionID: "cn-shanghai", ID: "vss-uf6d2k9x4m7q1w8r5t3y0", GatewayID: "vpn-uf6h5j2l8n4p7s1v3x9z0",
			Name: "office-shanghai", ClientIPPool: "10.50.0.0/24", LocalSubnet: "192.168.0.0/20",
			Proto: "TCP", Port: 1194, Cipher: "AES-256-CBC", Compress: true, Connections: 3, MaxConnections: 50, InternetIP: "203.0.113.30",
		},
	}
}

// noPolicy is the setting NO_POLICY: a cloud without a policy of its own works
// without one.
func (o Options) noPolicy() string {
	if o.Policy == nil {
		return "allow"
	}
	return "refuse"
}
