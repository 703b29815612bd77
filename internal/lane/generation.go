package lane

import (
	"encoding/json"
	"fmt"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/objects"
)

// schema names the wire form. Fields may be added; a reader ignores what it
// does not know. Anything else needs a new name, and readers of both.
const schema = "sslvpn-change/lane/v1"

type kind string

const (
	held kind = "held"
	free kind = "free"
)

// generation is the wire form of one object of a chain.
type generation struct {
	Schema string          `json:"schema"`
	Gen    int64           `json:"gen"`
	Kind   kind            `json:"kind"`
	Nonce  string          `json:"nonce"` // tells apart two writers of the same generation
	Owner  string          `json:"owner"` // the platform's request id of the invocation
	TTL    int64           `json:"ttlMs,omitempty"`
	At     time.Time       `json:"at"` // the writer's clock, for people
	State  json.RawMessage `json:"state,omitempty"`
}

// maxTTL bounds a hold: the platform ends an invocation after a day at most.
const maxTTL = 48 * time.Hour

// read decodes a generation. One that is neither held nor free, or that is
// held for longer than any hold, was not written by this code, and nothing may
// be concluded from it.
func read(key string, obj blob.Object) (Head, error) {
	var g generation
	err := json.Unmarshal(obj.Data, &g)
	gen, ok := objects.ParseGenerationKey(key)
	if err != nil || !ok || g.Schema != schema || g.Gen != gen ||
		(g.Kind != held && g.Kind != free) || g.TTL < 0 || g.TTL > maxTTL.Milliseconds() {
		return Head{}, fmt.Errorf("%s is not a lane generation (schema %q, gen %d, kind %q, ttlMs %d): only the function may write below lanes/",
			key, g.Schema, g.Gen, g.Kind, g.TTL)
	}
	head := Head{Gen: g.Gen, Held: g.Kind == held, Owner: g.Owner, State: g.State, Age: obj.Now.Sub(obj.LastModified)}
	if head.Held {
		head.Remaining = max(0, time.Duration(g.TTL)*time.Millisecond+Slack-head.Age)
	}
	return head, nil
}
