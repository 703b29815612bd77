package handler

import (
	"runtime"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/version"
)

const versionPath = "/v1/version"

// versionAnswer is the answer to GET /v1/version.
type versionAnswer struct {
	version.Build

	StartedAt time.Time `json:"startedAt"` // when this instance started
}

// getVersion answers what this instance was built from. Every sender may know: an
// upgrade is checked before there is a policy, and while it is invalid, too.
func (c *invocation) getVersion() response {
	return reply(200, versionAnswer{
		Build:     version.Build{Version: c.Version, Commit: c.Commit, Go: runtime.Version()},
		StartedAt: c.StartedAt.UTC(),
	})
}
