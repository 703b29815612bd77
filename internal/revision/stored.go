package revision

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// schema names the stored form of a revision.
const schema = "sslvpn-change/policy-revision/v1"

// storedRevision is the stored form of a Revision. Fields may be added, and readers ignore
// those that they do not know; a name, a type or a meaning never changes.
// testdata/stored/revision has a sample of every version.
type storedRevision struct {
	Schema    string    `json:"schema"`
	Number    int64     `json:"number"`
	At        time.Time `json:"at"`
	By        string    `json:"by,omitempty"`
	Account   string    `json:"account,omitempty"`
	Identity  string    `json:"identity,omitempty"`
	RequestID string    `json:"requestId,omitempty"`
	Digest    string    `json:"digest"`
	Previous  string    `json:"previous,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	Text      string    `json:"text"`
}

func (r Revision) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // people read it
	err := e.Encode(storedRevision{
		Schema: schema, Number: r.Number, At: r.At.UTC(), By: r.By, Account: r.Account, Identity: r.identity, RequestID: r.requestID,
		Digest: r.Digest, Previous: r.Previous, Reason: r.Reason, Text: r.Text,
	})
	return b.Bytes(), err
}

// decode reads a revision. It refuses what this package cannot have written.
func decode(key string, data []byte) (Revision, error) {
	var s storedRevision
	err := json.Unmarshal(data, &s)
	number, ok := objects.ParseRevisionKey(key)
	if err != nil || !ok || s.Schema != schema || s.Number != number || s.Digest != Digest([]byte(s.Text)) {
		return Revision{}, fmt.Errorf("%s %w", key, errDamaged)
	}
	return Revision{
		Number: s.Number, At: s.At, By: s.By, Account: s.Account, identity: s.Identity, requestID: s.RequestID,
		Digest: s.Digest, Previous: s.Previous, Reason: s.Reason, Text: s.Text,
	}, nil
}
