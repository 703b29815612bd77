package chat_test

import (
	"testing"

	"sslvpnchange/internal/chat"
)

// BenchmarkMessage takes a message and answers it, for each platform.
func BenchmarkMessage(b *testing.B) {
	for name, tt := range map[string]struct {
		settings string
		request  chat.Request
	}{
		"dingtalk": {dingTalkSetting, dingTalkRequest(b, nil)},
		"slack":    {slackSetting, slackRequest(slackVector)},
	} {
		p, text := platform(b, name, tt.settings), sample()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d, err := p.Receive(b.Context(), nil, tt.request, moment())
				if err != nil {
					b.Fatal(err)
				}
				if res, later := p.Answer(d, text); later || len(res.Body) == 0 {
					b.Fatal(res, later)
				}
			}
		})
	}
}
