package approval

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// The schemas of the stored forms. Fields may be added, with a zero value that means
// what their absence meant; a name, a type or a meaning never changes.
const (
	requestSchema = "sslvpn-change/approval-request/v1"
	stateSchema   = "sslvpn-change/approval-state/v1"
)

// storedRequest is the stored form of a request. Approvals.Request writes it, for
// intake, and Approvals reads it.
type storedRequest struct {
	Schema  string            `json:"schema"`
	Name    string            `json:"name"`
	At      time.Time         `json:"at"`
	Expires time.Time         `json:"expiresAt"`
	Changes []storedRequested `json:"changes"`
}

type storedRequested struct {
	ID       string `json:"id"`
	RegionID string `json:"regionId"`
	ServerID string `json:"sslVpnServerId"`
	Key      string `json:"entry"`
	Need     int    `json:"need,omitempty"`
}

// storedState is the stored form of a state: the state of a chain of package lane.
type storedState struct {
	Schema   string       `json:"schema"`
	Rooms    []storedRoom `json:"rooms,omitempty"`
	Next     time.Time    `json:"next,omitzero"`
	Looks    int          `json:"looks,omitempty"`
	ClosedAt time.Time    `json:"closedAt,omitzero"`
}

type storedRoom struct {
	Platform  string    `json:"platform"`
	Tenant    string    `json:"tenant"`
	ID        string    `json:"room"`
	Lang      lang.Tag  `json:"lang,omitempty"`
	Zone      string    `json:"timeZone,omitempty"`
	Changes   []string  `json:"changes,omitempty"`
	Told      bool      `json:"told,omitempty"`
	Over      bool      `json:"over,omitempty"` // it is not told any more
	At        time.Time `json:"at,omitzero"`
	Code      string    `json:"code,omitempty"`
	Message   string    `json:"message,omitempty"`
	Tries     int       `json:"tries,omitempty"`
	Failures  int       `json:"failures,omitempty"`
	Again     time.Time `json:"again,omitzero"`
	Handle    string    `json:"handle,omitempty"`
	Fixed     bool      `json:"fixed,omitempty"`
	Shown     string    `json:"shown,omitempty"`
	News      string    `json:"news,omitempty"`
	Doubt     time.Time `json:"doubt,omitzero"`
	UpdatedAt time.Time `json:"updatedAt,omitzero"`
	Stale     string    `json:"stale,omitempty"`
	Reminders int       `json:"reminders,omitempty"`
	RemindAt  time.Time `json:"remindAt,omitzero"`
}

func encodeRequest(r request) ([]byte, error) {
	s := storedRequest{Schema: requestSchema, Name: r.Name, At: r.At.UTC(), Expires: r.Expires.UTC()}
	for _, c := range r.Changes {
		s.Changes = append(s.Changes, storedRequested{c.ID, c.Target.RegionID, c.Target.ServerID, c.Key, c.Need})
	}
	return json.Marshal(s)
}

// decodeRequest reads a request, and refuses an incomplete one.
func decodeRequest(key string, data []byte) (request, error) {
	var s storedRequest
	name, ok := objects.ParseOpenApprovalKey(key)
	if err := json.Unmarshal(data, &s); err != nil || !ok || s.Schema != requestSchema || s.Name != name || len(s.Changes) == 0 || s.Expires.IsZero() {
		return request{}, fmt.Errorf("%s is not an approval request (schema %q): only the function may write below %s", key, s.Schema, objects.Approvals)
	}
	r := request{Name: s.Name, At: s.At, Expires: s.Expires}
	for _, c := range s.Changes {
		of, known := objects.ApprovalOf(c.ID)
		e, isEntry := objects.ParseEntryKey(c.Key)
		t := change.Target{RegionID: c.RegionID, ServerID: c.ServerID}
		if !known || of != name || !isEntry || e.ID != c.ID || e.Target != t || c.Need < 0 {
			return request{}, fmt.Errorf("%s lists %q, which is not a change of it: only the function may write below %s", key, c.ID, objects.Approvals)
		}
		r.Changes = append(r.Changes, requested{ID: c.ID, Target: t, Key: c.Key, Need: c.Need})
	}
	return r, nil
}

func (s *state) stored() storedState {
	out := storedState{Schema: stateSchema, Next: s.Next.UTC(), Looks: s.Looks, ClosedAt: s.ClosedAt}
	for _, r := range s.Rooms {
		out.Rooms = append(out.Rooms, storedRoom(*r))
	}
	return out
}

// decodeState reads the state of a chain; an empty chain has none.
func decodeState(data json.RawMessage) (*state, error) {
	if data == nil {
		return &state{}, nil
	}
	var s storedState
	if err := json.Unmarshal(data, &s); err != nil || s.Schema != stateSchema {
		return nil, fmt.Errorf("the state of an approval request cannot be read (schema %q): only the function may write below %s", s.Schema, objects.Approvals)
	}
	out := &state{Next: s.Next, Looks: s.Looks, ClosedAt: s.ClosedAt}
	for _, r := range s.Rooms {
		own := room(r)
		out.Rooms = append(out.Rooms, &own)
	}
	return out, nil
}
