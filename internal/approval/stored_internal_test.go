package approval

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

const (
	storedName = "20261122-psfvgfo4zpkq3mzr5w7bxa4nhc"
	storedID   = storedName + "-2"
	storedKey  = "queue/cn-hangzhou/vss-a/1795348800123-psfvgfo4zpkq3mzr5w7bxa4nhc-0002-" + storedID + ".json"
)

func at(minute, second int) time.Time {
	return time.Date(2026, 11, 22, 12, minute, second, 0, time.UTC)
}

func sampleRequest() request {
	return request{
		Name: storedName, At: at(0, 0), Expires: at(0, 0).Add(24 * time.Hour),
		Changes: []requested{{ID: storedID, Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, Key: storedKey, Need: 2}},
	}
}

func sampleState() *state {
	return &state{Next: at(30, 0), Looks: 4, ClosedAt: at(120, 0), Rooms: []*room{{
		Platform: "slack", Tenant: "T1", ID: "C1", Lang: "zh", Zone: "Asia/Shanghai", Changes: []string{storedID}, Told: true, Over: true, At: at(0, 1),
		Code: "HTTP503", Message: "try later", Tries: 3, Failures: 2, Again: at(10, 0), Handle: "1669.1", Fixed: true, Shown: "6f0e", News: "7a1c",
		Doubt: at(5, 0), UpdatedAt: at(4, 0), Stale: "NotUpdatable: too old", Reminders: 1, RemindAt: at(60, 0),
	}}}
}

func TestStoredRequest(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[request]{
		Name: "request", Stored: storedRequest{},
		Read:  func(data []byte) (request, error) { return decodeRequest(objects.OpenApprovalKey(storedName), data) },
		Write: encodeRequest,
		Want:  map[string]request{"v1": sampleRequest()},
	})
}

func TestStoredState(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[*state]{
		Name: "state", Stored: storedState{},
		Read:  func(data []byte) (*state, error) { return decodeState(data) },
		Write: func(s *state) ([]byte, error) { return json.Marshal(s.stored()) },
		Want:  map[string]*state{"v1": sampleState()},
	})
}

// FuzzRequest checks that whatever is read as a request is written as it was read, and
// lists changes of the request only.
func FuzzRequest(f *testing.F) {
	data, err := encodeRequest(sampleRequest())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(objects.OpenApprovalKey(storedName), data)
	f.Add(objects.OpenApprovalKey(storedID), data)
	f.Add("approvals/open/.json", []byte("{}"))
	f.Fuzz(func(t *testing.T, key string, data []byte) {
		r, err := decodeRequest(key, data)
		if err != nil {
			return
		}
		if objects.OpenApprovalKey(r.Name) != key {
			t.Fatalf("%s is read as %s", key, r.Name)
		}
		for _, c := range r.Changes {
			if name, ok := objects.ApprovalOf(c.ID); !ok || name != r.Name {
				t.Fatalf("%s lists %s", key, c.ID)
			}
		}
		again, err := encodeRequest(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeRequest(key, again); err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
	})
}

// What the function has not written is refused.
func TestForeignObjectsAreRefused(t *testing.T) {
	t.Parallel()
	key := objects.OpenApprovalKey(storedName)
	for name, edit := range map[string]func(*request){
		"another request's": func(r *request) { r.Name = "20261122-aaaaaaaaaa" },
		"no changes":        func(r *request) { r.Changes = nil },
		"another change":    func(r *request) { r.Changes[0].ID = "20261122-aaaaaaaaaa-2" },
		"another entry":     func(r *request) { r.Changes[0].Key = "queue/cn-hangzhou/vss-a/x.json" },
		"another server":    func(r *request) { r.Changes[0].Target.ServerID = "vss-b" },
	} {
		r := sampleRequest()
		edit(&r)
		data, err := encodeRequest(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeRequest(key, data); err == nil {
			t.Errorf("%s: it is read", name)
		}
	}
	if _, err := decodeState(json.RawMessage(`{"schema":"other"}`)); err == nil {
		t.Error("a foreign state is read")
	}
	if s, err := decodeState(nil); err != nil || s == nil || !s.Next.IsZero() {
		t.Errorf("an empty chain: %+v, %v", s, err)
	}
}
