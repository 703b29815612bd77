package wecom_test

import (
	"testing"

	"sslvpnchange/internal/chat/wecom"
	"sslvpnchange/internal/dev/chattest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	chattest.Run(t, wecom.Spec(), chattest.Fixtures()["wecom"])
}
