package policy

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Account identifies somebody in one channel, as that channel verified it.
type Account = change.Account

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

// isChat reports whether a channel is a chat platform.
func isChat(channel string) bool { return Account{Channel: channel}.InChat() }

// complete reports whether an account identifies somebody.
func complete(a Account) bool {
	return a.Channel != "" && !strings.Contains(a.Channel, ":") && a.User != "" && a.InChat() == (a.Tenant != "")
}
