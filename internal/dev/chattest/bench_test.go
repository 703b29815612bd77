package chattest_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

// BenchmarkMessage receives a message and answers it, for each platform.
func BenchmarkMessage(b *testing.B) {
	for _, spec := range platforms.Specs() {
		f := chattest.Fixtures()[spec.Name]
		p, r := chattest.New(b, spec, f.Settings), f.Forms[0].Request(chattest.Sent{N: 1, Text: "plan vss-1 port=1195", At: chattest.Moment()})
		text := chat.Text{Mark: chat.Done, Title: chat.Line{chat.Words("applied "), chat.Code("20261122-psfvgfo4zp")}}
		b.Run(spec.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d, err := p.Receive(b.Context(), nil, r, chattest.Moment())
				if err != nil {
					b.Fatal(err)
				}
				if res, _ := p.Answer(d, text); res.Status != 200 {
					b.Fatal(res)
				}
			}
		})
	}
}
