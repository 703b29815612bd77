package policy

import "sslvpnchange/internal/window"

// serverWindow is a maintenance window with its servers.
type serverWindow struct {
	window.Window

	servers []selector
}

// serverFreeze is a freeze with its servers.
type serverFreeze struct {
	window.Freeze

	servers []selector
}
