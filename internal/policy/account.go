package policy

import "strings"

// Account is who somebody is at one door, as that door verified it.
type Account struct {
	Channel string // "dingtalk", "feishu", "wecom", "slack", "http", "file" or "timer"
	Tenant  string // of a chat platform: corporation, workspace or tenant key; "" elsewhere
	User    string // the platform's stable user id; webhook sender; RAM principal; trigger name
}

// The doors that are no chat platforms. Their accounts have no tenant.
const (
	channelHTTP  = "http"
	channelFile  = "file"
	channelTimer = "timer"
)

// Doors lists the doors that accounts can be of.
func Channels() []string { return append(chatPlatforms(), channelHTTP, channelFile, channelTimer) }

// chatPlatforms are the chat platforms. The configuration's tests hold them to those
// that there are.
func chatPlatforms() []string { return []string{"dingtalk", "feishu", "slack", "wecom"} }

// isChat tells whether a door is a chat platform: what is no other door.
func isChat(door string) bool {
	return door != channelHTTP && door != channelFile && door != channelTimer
}

// String renders the account as door:tenant/user, or door:user where there are
// no tenants.
func (a Account) String() string {
	if isChat(a.Channel) || a.Tenant != "" {
		return a.Channel + ":" + a.Tenant + "/" + a.User
	}
	return a.Channel + ":" + a.User
}

// complete tells whether the account says who somebody is.
func (a Account) complete() bool {
	return a.Channel != "" && !strings.Contains(a.Channel, ":") && a.User != "" && isChat(a.Channel) == (a.Tenant != "")
}
