package vpc

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Server is an emulated SSL-VPN server. Zero fields take the defaults of
// CreateSslVpnServer (documented): TCP, 1194, AES-128-CBC, no compression.
type Server struct {
	RegionID  string `json:"regionId"`
	ID        string `json:"sslVpnServerId"`
	GatewayID string `json:"vpnGatewayId"` // "" makes one up from ID

	Name                  string `json:"name"`
	ClientIPPool          string `json:"clientIpPool"`
	LocalSubnet           string `json:"localSubnet"`
	Proto                 string `json:"proto"`
	Port                  int    `json:"port"`
	Cipher                string `json:"cipher"`
	Compress              bool   `json:"compress"`
	EnableMultiFactorAuth bool   `json:"enableMultiFactorAuth"`
	IDaaSInstanceID       string `json:"idaasInstanceId,omitempty"`
	IDaaSRegionID         string `json:"idaasRegionId,omitempty"`
	IDaaSApplicationID    string `json:"idaasApplicationId,omitempty"`

	Connections    int       `json:"connections"`
	MaxConnections int       `json:"maxConnections"` // 0 means 5
	InternetIP     string    `json:"internetIp"`
	CreatedAt      time.Time `json:"createdAt"`
	Modified       int       `json:"modified"` // modifications accepted so far

	ResourceGroupID string `json:"resourceGroupId,omitempty"` // "" means DefaultResourceGroup

	// DenyReads and DenyModify answer Forbidden; SubUser makes it Forbbiden.SubUser.
	DenyReads  bool `json:"denyReads,omitempty"`
	DenyModify bool `json:"denyModify,omitempty"`
	SubUser    bool `json:"subUser,omitempty"`
}

// Gateway is an emulated VPN gateway. It has one SSL server at most
// (documented).
type Gateway struct {
	RegionID        string         `json:"regionId"`
	ID              string         `json:"vpnGatewayId"`
	Configuring     *time.Duration `json:"configuringNs,omitempty"` // nil: Options.Configuring
	UpdatingUntil   time.Time      `json:"updatingUntil,omitzero"`
	Status          string         `json:"status,omitempty"` // overrides the clock: init, provisioning, deleting; "" for none
	FinancialLocked bool           `json:"financialLocked,omitempty"`

	VPCID             string    `json:"vpcId"`                       // no client pool may overlap this VPC, if there is one
	InternetIP        string    `json:"internetIp,omitempty"`        // "" takes the server's
	SSLInternetIP     string    `json:"sslVpnInternetIp,omitempty"`  // of gateways with two tunnels
	Private           bool      `json:"private,omitempty"`           // the network type
	SSLDisabled       bool      `json:"sslDisabled,omitempty"`       // serves no SSL-VPN
	SSLMaxConnections int       `json:"sslMaxConnections,omitempty"` // 0 takes the server's
	CreatedAt         time.Time `json:"createdAt"`
	NotVisualized     bool      `json:"notVisualized,omitempty"` // has no tag VisuallySsl: connected clients cannot be listed

	// What else DescribeVpnGateway shows; "" and zero take a default.
	Name            string            `json:"name,omitempty"`
	Description     string            `json:"description,omitempty"`
	VSwitchID       string            `json:"vSwitchId,omitempty"`
	Spec            string            `json:"spec,omitempty"`       // Mbit/s
	ChargeType      string            `json:"chargeType,omitempty"` // POSTPAY or Prepay
	EndsAt          time.Time         `json:"endsAt,omitzero"`
	ResourceGroupID string            `json:"resourceGroupId,omitempty"`
	Tags            map[string]string `json:"tags,omitempty"`
}

// status is documented: a gateway is updating while it configures.
func (g *Gateway) status(now time.Time) string {
	switch {
	case g.Status != "":
		return g.Status
	case now.Before(g.UpdatingUntil):
		return "updating"
	default:
		return "active"
	}
}

// AddServer adds a server, and its gateway with a VPC unless there is one. A server with
// the same id is replaced; a second server of one gateway is refused.
func (e *Emulator) AddServer(s Server) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.RegionID == "" || s.ID == "" {
		return fmt.Errorf("server %q in region %q: regionId and sslVpnServerId are required", s.ID, s.RegionID)
	}
	s.GatewayID = cmp.Or(s.GatewayID, "vpn-"+s.ID)
	for _, other := range e.servers {
		if other.GatewayID == s.GatewayID && other.ID != s.ID {
			return fmt.Errorf("gateway %s already has the server %s", s.GatewayID, other.ID)
		}
	}
	if s.ClientIPPool == "" || s.LocalSubnet == "" {
		return fmt.Errorf("server %s: clientIpPool and localSubnet are required", s.ID)
	}
	s.Proto, s.Port, s.Cipher = cmp.Or(s.Proto, "TCP"), cmp.Or(s.Port, 1194), cmp.Or(s.Cipher, "AES-128-CBC")
	s.MaxConnections = cmp.Or(s.MaxConnections, 5)
	s.InternetIP = cmp.Or(s.InternetIP, "203.0.113.10")
	if s.CreatedAt.IsZero() {
		s.CreatedAt = e.opts.Now().UTC()
	}
	e.servers[s.ID] = &s
	if e.gateways[s.GatewayID] == nil {
		e.gateways[s.GatewayID] = &Gateway{
			RegionID: s.RegionID, ID: s.GatewayID, VPCID: "vpc-" + s.GatewayID, InternetIP: s.InternetIP, CreatedAt: s.CreatedAt,
		}
		v := VPC{RegionID: s.RegionID, ID: "vpc-" + s.GatewayID, CIDR: "172.31.0.0/16"}
		e.vpcs[v.ID] = v
	}
	return e.keep()
}

// UpdateServer changes a server without the API, as the console would.
func (e *Emulator) UpdateServer(id string, change func(*Server)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.servers[id]
	if s == nil {
		return fmt.Errorf("no server %s", id)
	}
	change(s)
	return e.keep()
}

// UpdateGateway changes a gateway without the API.
func (e *Emulator) UpdateGateway(id string, change func(*Gateway)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	g := e.gateways[id]
	if g == nil {
		return fmt.Errorf("no gateway %s", id)
	}
	change(g)
	return e.keep()
}

// Busy keeps a gateway updating for d from now, as another tool would.
func (e *Emulator) Busy(gatewayID string, d time.Duration) error {
	return e.UpdateGateway(gatewayID, func(g *Gateway) { g.UpdatingUntil = e.opts.Now().Add(d) })
}

// Snapshot is the state at one moment.
type Snapshot struct {
	Servers  []Server  `json:"servers"`
	Gateways []Gateway `json:"gateways"`
	Clients  []Clients `json:"clients"` // that are connected
	// Certificates have no keys here.
	Certificates []Certificate  `json:"certificates"`
	VPCs         []VPC          `json:"vpcs"`
	Counts       map[string]int `json:"counts"` // received calls by action
	// Effective counts the modifications that were accepted and are no replay
	// of a ClientToken; Changed those of them that altered a value.
	Effective int     `json:"effective"`
	Changed   int     `json:"changed"`
	Calls     []Call  `json:"calls"` // the last 1000
	Faults    []Fault `json:"faults"`
}

// Snapshot copies the state, servers and gateways sorted by id.
func (e *Emulator) Snapshot() Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := Snapshot{
		Servers:      []Server{},
		Gateways:     []Gateway{},
		Clients:      []Clients{},
		Certificates: []Certificate{},
		VPCs:         []VPC{},
		Counts:       maps.Clone(e.log.counts),
		Effective:    e.log.effective,
		Changed:      e.log.changed,
		Calls:        slices.Clone(e.log.calls),
		Faults:       slices.Clone(e.faults),
	}
	for _, id := range slices.Sorted(maps.Keys(e.servers)) {
		s := *e.servers[id]
		if clients, ok := e.online(&s); ok {
			s.Connections = len(clients)
			out.Clients = append(out.Clients, Clients{ServerID: id, Clients: clients})
		}
		out.Servers = append(out.Servers, s)
	}
	for _, id := range slices.Sorted(maps.Keys(e.certs)) {
		k := e.certs[id]
		k.Key = ""
		out.Certificates = append(out.Certificates, k)
	}
	for _, id := range slices.Sorted(maps.Keys(e.vpcs)) {
		out.VPCs = append(out.VPCs, e.vpcs[id])
	}
	now := e.opts.Now()
	for _, id := range slices.Sorted(maps.Keys(e.gateways)) {
		g := *e.gateways[id]
		g.Status = g.status(now)
		out.Gateways = append(out.Gateways, g)
	}
	return out
}

// Server returns a copy of a server; ok reports whether there is one.
func (e *Emulator) Server(id string) (s Server, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.servers[id] == nil {
		return Server{}, false
	}
	return *e.servers[id], true
}
