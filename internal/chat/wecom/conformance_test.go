package wecom_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat/wecom"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	chattest.Run(t, wecom.Spec(), chattest.Fixtures()["wecom"])
}
