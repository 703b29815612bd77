package revision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// maxText bounds the text that is read: more than a policy may have, so that one that is
// too large can be replaced.
const maxText = 4 << 20

// text is what is in force.
type text struct {
	data    []byte
	digest  string    // "" where there is no policy
	saved   time.Time // by the store's clock
	policy  *policy.Policy
	invalid *policy.InvalidError // nil for a valid one, and for none
}

// Digest identifies a text: its SHA-256 in hexadecimal digits.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// text reads what is in force.
func (r *Revisions) text(ctx context.Context) (text, error) {
	object, err := r.Bucket.Get(ctx, objects.PolicyFile, blob.GetOptions{Limit: maxText})
	if errors.Is(err, blob.ErrNotFound) {
		return text{}, nil
	}
	if err != nil {
		return text{}, fmt.Errorf("reading the policy: %w", err)
	}
	out := text{data: object.Data, digest: Digest(object.Data), saved: object.LastModified}
	p, problems := policy.Parse(object.Data, document.YAML)
	if out.policy = p; len(problems) > 0 {
		out.invalid = &policy.InvalidError{Problems: problems}
	}
	return out, nil
}

// judged is the policy by which requests are judged; nil with the error for none.
func (t text) judged(optional bool) (*policy.Policy, error) {
	switch {
	case t.policy != nil:
		return t.policy, nil
	case t.invalid != nil:
		return nil, t.invalid
	case optional:
		return policy.Absent(), nil
	default:
		return nil, policy.NoPolicy()
	}
}

// before is the policy that a comparison begins with; nil for one that permits nothing.
func (t text) before(optional bool) *policy.Policy {
	p, _ := t.judged(optional) // a policy that permits nothing is none
	return p
}

// shown is the text for an answer; "" for one that is no text.
func (t text) shown() string {
	if !utf8.Valid(t.data) {
		return ""
	}
	return string(t.data)
}
