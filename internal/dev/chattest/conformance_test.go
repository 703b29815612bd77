package chattest_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

// FuzzAnswer shows foreign text on every platform.
func FuzzAnswer(f *testing.F) {
	for _, s := range chattest.Attacks() {
		f.Add(s)
	}
	fixtures := chattest.Fixtures()
	specs := map[string]chat.Spec{}
	for _, spec := range platforms.Specs() {
		specs[spec.Name] = spec
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4096 {
			return
		}
		for name, spec := range specs {
			chattest.Plain(t, spec, fixtures[name], s)
		}
	})
}
