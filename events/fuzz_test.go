package events_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/events"
)

// FuzzDecode checks that Decode never panics, and that what it accepts is
// exactly one kind of event with everything that consumers rely on.
func FuzzDecode(f *testing.F) {
	samples, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, sample := range samples {
		raw, err := os.ReadFile(sample)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := events.Decode(raw)
		if err != nil {
			if err.Error() == "" || len(err.Error()) > 2000 {
				t.Fatalf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		kinds := 0
		if e.HTTP != nil {
			kinds++
			if e.HTTP.Method == "" || e.HTTP.Path == "" || e.HTTP.Header == nil {
				t.Errorf("incomplete request %+v", e.HTTP)
			}
		}
		if e.Objects != nil {
			kinds++
			for _, o := range e.Objects {
				if o.Name == "" || o.Bucket == "" || o.Key == "" || o.Size < 0 {
					t.Errorf("incomplete object %+v", o)
				}
			}
		}
		if e.Timer != nil {
			kinds++
			if e.Timer.Name == "" || e.Timer.Time.Location() != time.UTC {
				t.Errorf("incomplete tick %+v", e.Timer)
			}
		}
		if e.Wake != nil {
			kinds++
			checkWake(t, e.Wake)
		}
		if kinds != 1 || (e.Objects != nil && len(e.Objects) == 0) {
			t.Errorf("%d kinds, %d objects", kinds, len(e.Objects))
		}
	})
}

// checkWake checks what consumers of a wake-up rely on.
func checkWake(t *testing.T, w *events.Wake) {
	t.Helper()
	if w.At.Location() != time.UTC || len(w.Lanes) == 0 || len(w.Lanes) > events.MaxWakeLanes {
		t.Errorf("incomplete wake-up %+v", w)
	}
	for _, l := range w.Lanes {
		if l.Region == "" || l.Server == "" || len(l.Region)+len(l.Server) > 200 || l.Gen < 0 {
			t.Errorf("incomplete lane %+v", l)
		}
	}
}
