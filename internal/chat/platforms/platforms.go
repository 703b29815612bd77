package platforms

import (
	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/chat/dingtalk"
	"sslvpnchange/internal/chat/feishu"
	"sslvpnchange/internal/chat/slack"
	"sslvpnchange/internal/chat/wecom"
)

// Specs lists the platforms, sorted by name.
func Specs() []chat.Spec {
	return []chat.Spec{
		dingtalk.Spec(),
		feishu.Spec(),
		slack.Spec(),
		wecom.Spec(),
	}
}
