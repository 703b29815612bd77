package lane

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// schema names the stored form of a generation.
const schema = "sslvpn-change/lane/v1"

type kind string

const (
	held kind = "held"
	free kind = "free"
)

// generation is the stored form of one object of a chain. This package alone
// writes and reads it; the meaning of State is its caller's. Fields may be
// added, and readers ignore those that they do not know. The name, the type and
// the meaning of a field never change: that needs a new schema, and readers of
// both. testdata/stored/generation has a sample of every version.
type generation struct {
	Schema string          `json:"schema"`
	Gen    int64           `json:"gen"`
	Kind   kind            `json:"kind"`
	Nonce  string          `json:"nonce"` // distinguishes two writers of the same generation
	Owner  string          `json:"owner"` // the platform's request id of the invocation
	TTL    int64           `json:"ttlMs,omitempty"`
	At     time.Time       `json:"at"` // the writer's clock, for people
	State  json.RawMessage `json:"state,omitempty"`
}

// maxTTL bounds a lease: the platform ends an invocation after a day at most.
const maxTTL = 48 * time.Hour

// decode reads a generation. It refuses what this package cannot have written:
// another kind, or a lease that is longer than any.
func decode(key string, data []byte) (generation, error) {
	var g generation
	err := json.Unmarshal(data, &g)
	gen, ok := objects.ParseGenerationKey(key)
	if err != nil || !ok || g.Schema != schema || g.Gen != gen ||
		(g.Kind != held && g.Kind != free) || g.TTL < 0 || g.TTL > maxTTL.Milliseconds() {
		return generation{}, fmt.Errorf("%s is not a lane generation (schema %q, gen %d, kind %q, ttlMs %d): only the function may write below %s/",
			key, g.Schema, g.Gen, g.Kind, g.TTL, strings.Split(key, "/")[0])
	}
	return g, nil
}

// head is the head that a generation of some age is.
func (g generation) head(key string, age time.Duration) Head {
	head := Head{Gen: g.Gen, Key: key, Held: g.Kind == held, Owner: g.Owner, State: g.State, Age: age}
	if head.Held {
		head.Remaining = max(0, time.Duration(g.TTL)*time.Millisecond+Slack-head.Age)
	}
	return head
}
