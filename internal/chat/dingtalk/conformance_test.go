package dingtalk_test

import (
	"testing"

	"sslvpnchange/internal/chat/dingtalk"
	"sslvpnchange/internal/dev/chattest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	chattest.Run(t, dingtalk.Spec(), chattest.Fixtures()["dingtalk"])
}
