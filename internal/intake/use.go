package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// Delivery is a request whose signature was verified.
type Delivery struct {
	// Token is what proves the sender's identity, and can be seen and sent again by
	// others: a signature, or the id that a signature covers. Only its hash is stored.
	Token string
	// What the token is used for. A signature need not cover any of it.
	Method, Path string
	Body         []byte
}

// Use claims the token of a verified request for this method, path and body. The
// same request may use it again. It fails with *RefusedError for a token that was
// used for another request; any other error means that the outcome is open. It
// costs one request, and one more for a token that was used before.
//
// Call it for every verified request, whatever becomes of it: a token that is not
// claimed proves its sender's identity for a request of somebody else. Nothing
// may be queued or answered before it has succeeded. first reports whether nothing
// used the token before.
func (in *Intake) Use(ctx context.Context, d Delivery) (first bool, err error) {
	mine := claim{Identity: onceIdentity(d.Token), At: in.Now().UTC(), Hash: d.hash(), IDs: []string{}}
	got, first, err := in.createClaim(ctx, mine)
	if err == nil && got.Hash != mine.Hash {
		err = reusedMessage()
	}
	return first, err
}

// ClaimAnswer claims the answer to a message for one of the entries of the outbox
// that hold it. It reports whether the entry has the claim.
func (in *Intake) ClaimAnswer(ctx context.Context, answer, entry string) (bool, error) {
	mine := claim{Identity: answerIdentity(answer), At: in.Now().UTC(), Hash: hash([]byte(entry)), IDs: []string{}}
	got, err := in.makeClaim(ctx, mine)
	return got.Hash == mine.Hash, err
}

// answerIdentity is the identity of the answer to a message.
func answerIdentity(answer string) string { return "answer " + answer }

// onceIdentity is the identity of a token that is used for one request.
func onceIdentity(token string) string { return "once " + hash([]byte(token)) }

// hash is that of everything that the token is used for. The parts cannot be
// divided otherwise: neither a method nor a path contains a line break.
func (d Delivery) hash() string {
	h := sha256.New()
	_, _ = h.Write([]byte(d.Method + "\n" + d.Path + "\n"))
	_, _ = h.Write(d.Body)
	return hex.EncodeToString(h.Sum(nil))
}
