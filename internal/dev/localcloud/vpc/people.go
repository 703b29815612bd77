package vpc

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Client is a client of a server: a person with a configuration file.
type Client struct {
	Certificate string    `json:"sslVpnClientCertId"`
	User        string    `json:"user,omitempty"` // shown in place of the certificate while multi-factor authentication is on
	IP          string    `json:"ip,omitempty"`
	Port        int       `json:"port,omitempty"`
	PrivateIP   string    `json:"privateIp,omitempty"`
	ConnectedAt time.Time `json:"connectedAt,omitzero"` // when it connects, if later than now; zero means now
	File        *File     `json:"file,omitempty"`       // nil: the file that fits the server now
}

// File is what a client's configuration file says about the server. The cipher is
// negotiated.
type File struct {
	Proto    string `json:"proto"`
	Port     int    `json:"port"`
	Compress bool   `json:"compress"`
	Password bool   `json:"password"` // auth-user-pass, which works without multi-factor authentication, too
}

// fits reports whether a client with the file can use the server (observed with
// OpenVPN).
func (f File) fits(s *Server) bool {
	return f.Proto == s.Proto && f.Port == s.Port && f.Compress == s.Compress && (f.Password || !s.EnableMultiFactorAuth)
}

func fileFor(s *Server) File {
	return File{Proto: s.Proto, Port: s.Port, Compress: s.Compress, Password: s.EnableMultiFactorAuth}
}

// Clients are the clients of one server.
type Clients struct {
	ServerID string   `json:"sslVpnServerId"`
	Clients  []Client `json:"clients"`
}

// SetClients replaces the clients of a server. From then on, those connected are its
// Connections.
func (e *Emulator) SetClients(c Clients) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.servers[c.ServerID]
	if s == nil {
		return fmt.Errorf("no server %s", c.ServerID)
	}
	clients := slices.Clone(c.Clients)
	for i := range clients {
		if clients[i].ConnectedAt.IsZero() {
			clients[i].ConnectedAt = e.opts.Now()
		}
		file := fileFor(s)
		if f := clients[i].File; f != nil {
			file = *f
		}
		clients[i].File = &file
		clients[i].IP = cmp.Or(clients[i].IP, fmt.Sprintf("198.51.100.%d", i%254+1))
		clients[i].Port = cmp.Or(clients[i].Port, 40000+i)
	}
	e.clients[c.ServerID] = clients
	return e.keep()
}

// Certificate is a client certificate.
type Certificate struct {
	ID        string    `json:"sslVpnClientCertId"`
	ServerID  string    `json:"sslVpnServerId"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
	EndsAt    time.Time `json:"endsAt,omitzero"` // zero means in three years (documented)
	// Key is the private key. Only DescribeSslVpnClientCert returns it.
	Key string `json:"key,omitempty"`
}

// AddCertificate adds a certificate, or replaces the one with its id.
func (e *Emulator) AddCertificate(c Certificate) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.ID == "" || e.servers[c.ServerID] == nil {
		return fmt.Errorf("certificate %q of the server %q: an id and a known server are required", c.ID, c.ServerID)
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = e.opts.Now().UTC()
	}
	if c.EndsAt.IsZero() {
		c.EndsAt = c.CreatedAt.AddDate(3, 0, 0)
	}
	c.Name = cmp.Or(c.Name, c.ID)
	e.certs[c.ID] = c
	return e.keep()
}

// expiring is how long before its end a certificate's status is expiring-soon (own
// choice).
const expiring = 30 * 24 * time.Hour

func (c Certificate) status(now time.Time) string {
	switch {
	case now.After(c.EndsAt):
		return "expired"
	case now.After(c.EndsAt.Add(-expiring)):
		return "expiring-soon"
	default:
		return "normal"
	}
}

// VPC is an emulated VPC.
type VPC struct {
	RegionID       string   `json:"regionId"`
	ID             string   `json:"vpcId"`
	CIDR           string   `json:"cidrBlock"`
	SecondaryCIDRs []string `json:"secondaryCidrBlocks,omitempty"`
	UserCIDRs      []string `json:"userCidrs,omitempty"`
}

// AddVPC adds a VPC, or replaces the one with its id.
func (e *Emulator) AddVPC(v VPC) error {
	if v.ID == "" || v.RegionID == "" {
		return errors.New("a VPC needs vpcId and regionId")
	}
	for _, s := range append(slices.Concat(v.SecondaryCIDRs, v.UserCIDRs), v.CIDR) {
		if _, ok := network(s); !ok {
			return fmt.Errorf("VPC %s: %q is no network", v.ID, s)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.vpcs[v.ID] = v
	return e.keep()
}

// Deny refuses the role these actions, Allow permits all again.
func (e *Emulator) Deny(actions ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.denied = append(e.denied, actions...)
}

// Allow permits the actions that Deny refused.
func (e *Emulator) Allow() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.denied = nil
}

// online are the connected clients of a server; ok is false if its clients are not
// set, so that its Connections is a fixed number.
func (e *Emulator) online(s *Server) (clients []Client, ok bool) {
	all, ok := e.clients[s.ID]
	now := e.opts.Now()
	for _, c := range all {
		if c.File.fits(s) && !c.ConnectedAt.After(now) {
			clients = append(clients, c)
		}
	}
	return clients, ok
}

// disconnect drops the clients of a server that was modified, except by its name.
// Those whose file fits it return.
func (e *Emulator) disconnect(s *Server) {
	back := e.opts.Now().Add(cmp.Or(e.opts.ReturnAfter, 2*time.Second))
	for i := range e.clients[s.ID] {
		e.clients[s.ID][i].ConnectedAt = back
	}
}
