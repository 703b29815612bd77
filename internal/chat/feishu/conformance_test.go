package feishu_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat/feishu"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	chattest.Run(t, feishu.Spec(), chattest.Fixtures()["feishu"])
}
