package slack_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat/slack"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	chattest.Run(t, slack.Spec(), chattest.Fixtures()["slack"])
}
