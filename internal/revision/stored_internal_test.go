package revision

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

func TestStoredRevisions(t *testing.T) {
	t.Parallel()
	text := "people: []\ngrants: []\n"
	storedtest.Check(t, storedtest.Form[Revision]{
		Name: "revision", Stored: storedRevision{},
		Read:  func(data []byte) (Revision, error) { return decode(objects.RevisionKey(12), data) },
		Write: Revision.encode,
		Want: map[string]Revision{"v1": {
			Number: 12, At: time.Date(2026, 11, 28, 2, 3, 4, 5000000, time.UTC), By: "wang.wu", Account: "http:admin",
			Digest: Digest([]byte(text)), Previous: Digest([]byte("people: []\n")), Reason: "CHG-1042", Text: text,
			identity: Digest([]byte(`http "admin" "put-1"`)), requestID: "1-6921f000-00000000000000000001",
		}},
	})
}

// A revision at the key of another one, or whose text is another one, is none.
func TestARevisionSaysWhatItIs(t *testing.T) {
	t.Parallel()
	rev := Revision{Number: 3, Digest: Digest([]byte("a")), Text: "a"}
	data, err := rev.encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decode(objects.RevisionKey(3), data); err != nil {
		t.Error(err)
	}
	if _, err := decode(objects.RevisionKey(4), data); err == nil {
		t.Error("a revision at another key is read")
	}
	rev.Text = "b"
	if data, err = rev.encode(); err != nil {
		t.Fatal(err)
	}
	if _, err := decode(objects.RevisionKey(3), data); err == nil {
		t.Error("a revision with another text is read")
	}
}
