package localcloud

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/docs/policies"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/ram"
)

// Role is the function's role. It has the policy of docs/policies/function.json, with
// the right to modify every SSL-VPN server. Requests with other keys are not restricted.
func (c *Cloud) Role() *ram.Role { return c.role }

func newRole() (*ram.Role, error) {
	text := strings.NewReplacer(
		"ACCOUNT_ID", AccountID, "CHANGE_BUCKET", Bucket, "RECORD_BUCKET", Bucket,
		"SERVER_REGION", "*", "SERVER_ID", "*", "LOG_PROJECT", "*", "FUNCTION_NAME", "*", "REGION", Region,
	).Replace(string(policies.Function()))
	p, err := ram.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	return ram.NewRole(p), nil
}

// permits gives what the emulators ask before they serve a request with a key: whoever
// has the function's key has its role.
func (c *Cloud) permits(functionKey string) func(keyID, action, resource string) bool {
	return func(keyID, action, resource string) bool {
		return keyID != functionKey || c.role.Permits(action, resource)
	}
}
