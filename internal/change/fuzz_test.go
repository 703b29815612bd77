package change_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// FuzzParseID checks that ParseID reads what ID composes and nothing else, so that
// no text from a caller names an object outside of the records' folder.
func FuzzParseID(f *testing.F) {
	for _, id := range []string{
		"20261122-7f3akq2cd2", "20261122-7f3akq2cd2-1", "20261122-7f3akq2cd2-1000", "20261122-7f3akq2cd2-01",
		"20261322-7f3akq2cd2", "20260229-7f3akq2cd2", "00000101-aaaaaaaaaa", "20261122-7f3akq9cd2", "../20261122-7f3akq2cd2", "",
		"20261122-7f3akq2cd2\n", "20261122-7F3AKQ2CD2", "00000101-2", "20261122-7f3akq2cd2abcdefghijklmnop-3",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		date, document, index, ok := change.ParseID(id)
		if !ok {
			if !date.IsZero() || document != "" || index != 0 {
				t.Fatalf("refused, and gives %v, %q, %d", date, document, index)
			}
			return
		}
		if index < 1 || index > 9999 || date.Location() != time.UTC {
			t.Fatalf("number %d of %v", index, date)
		}
		if change.ID(date, document, index, 1) != id && change.ID(date, document, index, 2) != id {
			t.Fatalf("%q is read as %v, %q, %d", id, date, document, index)
		}
	})
}
