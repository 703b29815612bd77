package sslvpn

import (
	"net/netip"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Server is an SSL-VPN server as DescribeSslVpnServers reports it.
type Server struct {
	change.Target

	GatewayID      string
	Settings       change.Settings
	Connections    int
	MaxConnections int
	InternetIP     string
	CreatedAt      time.Time
}

// The ceilings of the waits between two reads of a busy gateway. A gateway is
// busy for seconds to minutes, and the API allows 600 reads a minute for a region.
const (
	PollFirst = 2 * time.Second
	PollMax   = 4 * time.Second
)

// GatewayStatus is the Status of DescribeVpnGateway.
type GatewayStatus string

// The statuses of a VPN gateway. A modification is accepted in active only,
// and has taken effect when the gateway is active again.
const (
	GatewayInit         GatewayStatus = "init"
	GatewayProvisioning GatewayStatus = "provisioning"
	GatewayActive       GatewayStatus = "active"
	GatewayUpdating     GatewayStatus = "updating"
	GatewayDeleting     GatewayStatus = "deleting"
)

// Gateway is a VPN gateway as DescribeVpnGateway reports it.
type Gateway struct {
	ID                string
	RegionID          string
	Status            GatewayStatus
	BusinessStatus    string // Normal or FinancialLocked
	SSLMaxConnections int    // 0 when not reported

	// The rest informs people only, so that what is absent or malformed is zero and
	// never the reason why a change fails.

	VPCID      string     // "" when not reported
	PublicIP   netip.Addr // where clients connect; zero when not reported
	Private    bool       // of the network type private: PublicIP is an address of the VPC
	SSLEnabled bool       // false only where the API says that the gateway serves no SSL-VPN
	CreatedAt  time.Time  // zero when not reported
	Visualized bool       // DescribeClients works
}

// Connections are the clients that are connected to a gateway.
type Connections struct {
	Known   bool // false for the zero value only
	Total   int  // as the API counts, also where Clients has not all
	Clients []ConnectedClient
}

// ConnectedClient is a connected client. Who it is and where it is from is not kept.
type ConnectedClient struct {
	Certificate string    // such as vsc-…; "" where the API names the user instead
	Since       time.Time // zero when not reported
}

// Certificate is a client certificate of a server, without anything of its key.
type Certificate struct {
	ID     string
	Name   string
	Status CertificateStatus
	End    time.Time // zero when not reported
}

// CertificateStatus is the Status of a client certificate.
type CertificateStatus string

// The statuses of a client certificate.
const (
	CertificateNormal       CertificateStatus = "normal"
	CertificateExpiringSoon CertificateStatus = "expiring-soon"
	CertificateExpired      CertificateStatus = "expired"
)

// VPC has the networks of a VPC.
type VPC struct {
	ID        string
	Networks  []netip.Prefix // the VPC's own and its secondary ones
	UserCIDRs []netip.Prefix // public networks that the VPC uses like private ones
}

// VPCRef names a VPC.
type VPCRef struct {
	RegionID string
	VPCID    string
}

// Modification is one request to ModifySslVpnServer.
type Modification struct {
	change.Target

	Patch       change.Patch // only these settings are sent
	ClientToken string       // 1 to 64 ASCII characters; the same for every send of one intent
}

// Call is one request that was sent, or could not be sent.
type Call struct {
	At         time.Time
	Action     string
	HTTPStatus int    // 0 when there was no answer
	Code       string // the API's error code; "" on success
	Class      Class  // "" on success
	RequestID  string
	Duration   time.Duration
	Again      bool // the client repeated a read that had failed
}

// GatewayRef names a VPN gateway.
type GatewayRef struct {
	RegionID  string
	GatewayID string
}

// ModifyReply is the API's success response to a modification. The gateway may
// still be busy: a modification of more than the name has taken effect when the
// gateway is active again and a read shows the values.
type ModifyReply struct {
	RequestID string
}
