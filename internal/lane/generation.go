package lane

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
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

// Prefix is where a lane's generations live.
func Prefix(t change.Target) string { return "lanes/" + t.String() + "/" }

func key(t change.Target, gen int64) string {
	return fmt.Sprintf("%s%019d.json", Prefix(t), math.MaxInt64-gen)
}

// generationOf reads the generation number out of a key.
func generationOf(key string) (int64, bool) {
	base := key[strings.LastIndexByte(key, '/')+1:]
	digits, ok := strings.CutSuffix(base, ".json")
	if !ok || len(digits) != 19 || strings.Trim(digits, "0123456789") != "" { // no sign
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n == math.MaxInt64 {
		return 0, false
	}
	return math.MaxInt64 - n, true
}

// read decodes a generation. One that is neither held nor free, or that is
// held for longer than any hold, was not written by this code, and nothing may
// be concluded from it.
func read(key string, obj blob.Object) (Head, error) {
	var g generation
	err := json.Unmarshal(obj.Data, &g)
	gen, ok := generationOf(key)
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
