package policy

import "strings"

// Account identifies somebody in one channel, as that channel verified it.
type Account struct {
	Channel string // "dingtalk", "feishu", "wecom", "slack", "http", "file" or "timer"
	Tenant  string // of a chat platform: corporation, workspace or tenant key; "" elsewhere
	User    string // the platform's stable user id; webhook sender; RAM principal; trigger name
}

// The channels that are not chat platforms. Their accounts have no tenant.
const (
	channelHTTP  = "http"
	channelFile  = "file"
	channelTimer = "timer"
)

// Channels lists the channels that accounts can belong to: the values of the key
// door.
func Channels() []string { return append(chatPlatforms(), channelHTTP, channelFile, channelTimer) }

// chatPlatforms lists the chat platforms. A test of package config compares them
// with those that can be configured.
func chatPlatforms() []string { return []string{"dingtalk", "feishu", "slack", "wecom"} }

// isChat reports whether a channel is a chat platform, which is any that is not one
// of the others.
func isChat(channel string) bool {
	return channel != channelHTTP && channel != channelFile && channel != channelTimer
}

// String renders the account as channel:tenant/user, or channel:user where there
// are no tenants.
func (a Account) String() string {
	if isChat(a.Channel) || a.Tenant != "" {
		return a.Channel + ":" + a.Tenant + "/" + a.User
	}
	return a.Channel + ":" + a.User
}

// complete reports whether the account identifies somebody.
func (a Account) complete() bool {
	return a.Channel != "" && !strings.Contains(a.Channel, ":") && a.User != "" && isChat(a.Channel) == (a.Tenant != "")
}
