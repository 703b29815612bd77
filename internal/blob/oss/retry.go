package oss

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/backoff"
)

// newWaits spaces the tries of one operation: 3 tries, with waits of up to 50
// and 100 ms between them.
func newWaits() *backoff.Waits {
	return backoff.New(backoff.Config{First: 50 * time.Millisecond, Max: time.Second, Retries: 2})
}
