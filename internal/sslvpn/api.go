package sslvpn

import (
	"time"

	"sslvpnchange/internal/change"
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
