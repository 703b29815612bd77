package dingtalk_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat/dingtalk"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	chattest.Run(t, dingtalk.Spec(), chattest.Fixtures()["dingtalk"])
}
