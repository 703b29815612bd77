package objects

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Files is the prefix of change files.
//
//   - Keys: changes/<path>
//   - Written by: people
//   - Read by: intake (content), reconcile (keys)
//   - Deleted by: people
const Files = "changes/"

// Scheduled is the prefix of the documents that a timer applies.
//
//   - Keys: scheduled/<path>
//   - Written by: people
//   - Read by: intake
//   - Deleted by: people
const Scheduled = "scheduled/"

// PolicyFile is the key of the policy.
//
//   - Keys: policy/policy.yaml
//   - Written by: people, and revision for those who may put it
//   - Read by: policy, for every channel; revision
//   - Deleted by: people
const PolicyFile = policyFolder + "policy.yaml"

const policyFolder = "policy/"

// Revisions is the prefix of the revisions of the policy.
const Revisions = policyFolder + "history/"

// MaxRevision is the largest number of a revision. Fifteen digits are a whole number in
// every language that reads JSON.
const MaxRevision = 999_999_999_999_999

// RevisionKey is the key of a revision of the policy, by its number, from 1. The digits
// are MaxRevision less the number, so that the newest revision lists first.
//
//   - Keys: policy/history/<15 digits>.json
//   - Written by: revision
//   - Read by: revision
//   - Deleted by: nobody
func RevisionKey(number int64) string {
	return fmt.Sprintf("%s%015d.json", Revisions, MaxRevision-number)
}

// ParseRevisionKey reads the number out of the key of a revision.
func ParseRevisionKey(key string) (number int64, ok bool) {
	text, ok := strings.CutPrefix(key, Revisions)
	if !ok {
		return 0, false
	}
	if text, ok = strings.CutSuffix(text, ".json"); !ok || !digits(text, 15) {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return MaxRevision - n, err == nil && n < MaxRevision
}

// Receipts is the prefix of receipts.
const Receipts = "receipts/"

// maxReceiptPath bounds a file's path in its receipt's key, so that the key stays
// below the store's limit of 1023 bytes. A longer path keeps its beginning and
// gets a hash of the whole.
const maxReceiptPath = 900

// ReceiptKey is the key of the receipt for one upload of a file. File is the
// object key, changes/ included.
//
//   - Keys: receipts/<path>@<Last-Modified>-<eTag>.json
//   - Written by: record, for intake
//   - Read by: intake, reconcile (which files have none)
//   - Deleted by: nobody
func ReceiptKey(file, eTag string, lastModified time.Time) string {
	return ReceiptsOf(file) + lastModified.UTC().Format(receiptTime) + "-" + eTag + ".json"
}

const receiptTime = "20060102T150405Z"

// ReceiptsOf is what the keys of the receipts of all uploads of a file begin with.
func ReceiptsOf(file string) string {
	path := strings.TrimPrefix(file, Files)
	if len(path) > maxReceiptPath {
		path = strings.ToValidUTF8(path[:maxReceiptPath-33], "") + "~" + hash(path, 16)
	}
	return Receipts + path + "@"
}

// ParseReceiptKey reads the Last-Modified of the upload of a file out of the key of its
// receipt; ok is false for the key of another file or eTag.
func ParseReceiptKey(key, file, eTag string) (lastModified time.Time, ok bool) {
	text, ok := strings.CutPrefix(key, ReceiptsOf(file))
	if !ok {
		return time.Time{}, false
	}
	if text, ok = strings.CutSuffix(text, "-"+eTag+".json"); !ok {
		return time.Time{}, false
	}
	at, err := time.Parse(receiptTime, text)
	return at, err == nil
}

// ReceiptUpload reads which upload of a file a receipt is of, out of its key; ok is false
// for a key of another file. A file whose name begins with the name of this one and an @
// can have such a key, too: the receipt names its file.
func ReceiptUpload(key, file string) (eTag string, lastModified time.Time, ok bool) {
	text, ok := strings.CutPrefix(key, ReceiptsOf(file))
	if !ok || len(text) < len(receiptTime) {
		return "", time.Time{}, false
	}
	eTag, ok = strings.CutSuffix(strings.TrimPrefix(text[len(receiptTime):], "-"), ".json")
	at, err := time.Parse(receiptTime, text[:len(receiptTime)])
	return eTag, at, ok && err == nil && eTag != ""
}

// Claims is the prefix of claims.
const Claims = "claims/"

// ClaimKey is the key of the claim of an identity.
//
//   - Keys: claims/<SHA-256 of the identity>.json
//   - Written by: intake
//   - Read by: intake
//   - Deleted by: reconcile, after 30 days; intake, when a wait is over
func ClaimKey(identity string) string { return Claims + hash(identity, sha256.Size) + ".json" }

// Sweep is the key of the sweep's state.
//
//   - Keys: state/sweep.json
//   - Written by: reconcile
//   - Read by: reconcile
//   - Deleted by: nobody
const Sweep = "state/sweep.json"

// CircuitKey is the key of a region's stored circuit.
//
//   - Keys: holds/<region>.json
//   - Written by: breaker
//   - Read by: breaker
//   - Deleted by: nobody
func CircuitKey(regionID string) string { return "holds/" + regionID + ".json" }

// hash is the first size bytes of a text's SHA-256, as hexadecimal digits.
func hash(text string, size int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:size])
}
