package slack_test

import (
	"testing"

	"sslvpnchange/internal/chat/slack"
	"sslvpnchange/internal/dev/chattest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	chattest.Run(t, slack.Spec(), chattest.Fixtures()["slack"])
}
