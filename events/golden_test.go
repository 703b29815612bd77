package events_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/events"
)

var update = flag.Bool("update", false, "write what Decode gives now to testdata/golden")

// TestSamples decodes one payload per trigger kind and channel, compares the
// event with its golden file, and reads that file back to the same event.
func TestSamples(t *testing.T) {
	t.Parallel()
	samples, err := filepath.Glob("testdata/*.*")
	if err != nil || len(samples) != 5 {
		t.Fatalf("samples: got %d, %v", len(samples), err)
	}
	for _, sample := range samples {
		name := strings.TrimSuffix(filepath.Base(sample), filepath.Ext(sample))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkSample(t, sample, filepath.Join("testdata", "golden", name+".json"))
		})
	}
}

func checkSample(t *testing.T, sample, golden string) {
	t.Helper()
	raw, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	got, err := events.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile(golden, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != string(want) {
		t.Errorf("got %s, want %s", text, want)
	}
	var back events.Event
	if err := json.Unmarshal(want, &back); err != nil {
		t.Fatal(err)
	}
	if back.HTTP != nil && back.HTTP.Query == nil {
		back.HTTP.Query = map[string]string{}
	}
	if !reflect.DeepEqual(back, got) {
		t.Errorf("round trip: got %+v, want %+v", back, got)
	}
}
