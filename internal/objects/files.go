package objects

import (
	"crypto/sha256"
	"encoding/hex"
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
//   - Written by: people
//   - Read by: policy, for every channel
//   - Deleted by: people
const PolicyFile = "policy/policy.yaml"

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
