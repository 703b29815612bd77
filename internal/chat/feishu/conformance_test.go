package feishu_test

import (
	"testing"

	"sslvpnchange/internal/chat/feishu"
	"sslvpnchange/internal/dev/chattest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	chattest.Run(t, feishu.Spec(), chattest.Fixtures()["feishu"])
}
