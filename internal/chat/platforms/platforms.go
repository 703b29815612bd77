package platforms

import (
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/dingtalk"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/feishu"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/slack"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/wecom"
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
