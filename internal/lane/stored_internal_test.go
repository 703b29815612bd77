package lane

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

func TestStoredGeneration(t *testing.T) {
	t.Parallel()
	key := objects.GenerationKey(change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, 7)
	storedtest.Check(t, storedtest.Form[generation]{
		Name: "generation", Stored: generation{},
		Read: func(data []byte) (generation, error) {
			g, err := decode(key, data)
			if err == nil && g.State != nil {
				g.State, err = json.Marshal(g.State) // without the sample's line breaks
			}
			return g, err
		},
		Write: func(g generation) ([]byte, error) { return json.Marshal(g) },
		Want: map[string]generation{"v1": {
			Schema: schema, Gen: 7, Kind: held, Nonce: "KJ3XW5TBNFZGK4DPOJ2GK3TU", Owner: "1-6743a1c5-16f2b2c8-0b4e9d6f1a2c",
			TTL: 315_000, At: time.Date(2026, 11, 22, 12, 0, 0, 250_000_000, time.UTC), State: json.RawMessage(`{"apart":["20261122-psfvgfo4zp"]}`),
		}},
	})
}

// A head of a held generation is leased until its time to live has passed, with
// some slack.
func TestHeadOfAGeneration(t *testing.T) {
	t.Parallel()
	h := Head{Gen: 7, Held: true, Remaining: time.Nanosecond}
	if !h.Leased() || (Head{Gen: 7, Held: true}).Leased() || (Head{Gen: 7}).Leased() {
		t.Error("a lease is over when nothing remains of it")
	}
}
