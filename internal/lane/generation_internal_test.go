package lane

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// FuzzGeneration holds that no object below lanes/ makes reading it panic, and
// that what is read as a generation is the one that its key names: held or free,
// and held for no longer than it says.
func FuzzGeneration(f *testing.F) {
	t := change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}
	for _, text := range []string{
		`{"schema":"sslvpn-change/lane/v1","gen":7,"kind":"held","nonce":"n","owner":"o","ttlMs":315000,"at":"2026-11-22T12:00:00Z","state":{"wait":null}}`,
		`{"schema":"sslvpn-change/lane/v1","gen":7,"kind":"free","nonce":"n","owner":"o","at":"2026-11-22T12:00:00Z"}`,
		`{"schema":"sslvpn-change/lane/v1","gen":7,"kind":"other"}`,
		`{"schema":"sslvpn-change/lane/v1","gen":7,"kind":"held","ttlMs":9223372036854775807}`,
		`{"schema":"sslvpn-change/lane/v1","gen":7,"kind":"held","ttlMs":-1}`,
		`{"schema":"sslvpn-change/lane/v1","gen":8,"kind":"free"}`,
		`{`, ``, `null`, `[]`,
	} {
		f.Add(objects.GenerationKey(t, 7), []byte(text), int64(60))
	}
	f.Add(objects.GenerationKey(t, math.MaxInt64), []byte(`{}`), int64(-60))
	f.Add("lanes/cn-hangzhou/vss-a/9223372036854775807.json", []byte(`{}`), int64(0))
	f.Add("lanes/cn-hangzhou/vss-a/+223372036854775800.json", []byte(`{}`), int64(0))
	f.Fuzz(func(t *testing.T, k string, data []byte, age int64) {
		if age < -1<<31 || age > 1<<31 {
			return // the clock of a store
		}
		gen, ok := objects.ParseGenerationKey(k)
		if ok && (gen < 1 || !strings.HasSuffix(objects.GenerationKey(change.Target{}, gen), k[strings.LastIndexByte(k, '/')+1:])) {
			t.Fatalf("%q is generation %d, whose key is %q", k, gen, objects.GenerationKey(change.Target{}, gen))
		}
		written := time.Unix(1_795_348_800, 0)
		now := written.Add(time.Duration(age) * time.Second)
		g, err := decode(k, data)
		if err != nil {
			if g.Gen != 0 || g.Kind != "" || g.State != nil {
				t.Fatalf("refused, and gives %+v", g)
			}
			return
		}
		h := g.head(k, now.Sub(written))
		if !ok || h.Gen != gen || h.Age != now.Sub(written) || (len(h.State) > 0 && !json.Valid(h.State)) {
			t.Fatalf("%s is read as %+v", data, h)
		}
		if h.Remaining < 0 || h.Remaining > maxTTL+Slack-min(h.Age, maxTTL+Slack) || (h.Leased() && !h.Held) || (!h.Held && h.Remaining != 0) {
			t.Fatalf("held %v for another %v at the age of %v", h.Held, h.Remaining, h.Age)
		}
	})
}
