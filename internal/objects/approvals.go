package objects

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Approvals is the prefix of approval requests and of their chains.
const Approvals = "approvals/"

// OpenApprovals is the prefix of approval requests that are not closed.
const OpenApprovals = Approvals + "open/"

// ApprovalOf is the name of the approval request that a change belongs to: its id
// without the number, which the changes of a document share. ok is false for a text that
// is no change id.
func ApprovalOf(id string) (name string, ok bool) {
	date, document, _, ok := change.ParseID(id)
	if !ok {
		return "", false
	}
	return change.ID(date, document, 1, 1), true
}

// OpenApprovalKey is the key of an approval request, by the name of ApprovalOf.
//
//   - Keys: approvals/open/<id without the number>.json
//   - Written by: intake, approval
//   - Read by: approval
//   - Deleted by: approval, when it is closed
func OpenApprovalKey(name string) string { return OpenApprovals + name + ".json" }

// ParseOpenApprovalKey reads the name out of the key of an approval request.
func ParseOpenApprovalKey(key string) (name string, ok bool) {
	text, ok := strings.CutPrefix(key, OpenApprovals)
	name, isJSON := strings.CutSuffix(text, ".json")
	of, isName := ApprovalOf(name)
	return name, ok && isJSON && isName && of == name
}

// ApprovalPrefix is the prefix of the chain of an approval request, which has the form
// of a lane's.
//
//   - Keys: approvals/<id without the number>/<19 digits>.json
//   - Written by: lane, for approval
//   - Read by: lane, for approval
//   - Deleted by: approval, 30 days after it was closed; lane, when old
func ApprovalPrefix(name string) string { return Approvals + name + "/" }

// ParseApprovalKey reads the name of the request out of a key of its chain.
func ParseApprovalKey(key string) (name string, ok bool) {
	text, ok := strings.CutPrefix(key, Approvals)
	name, _, below := strings.Cut(text, "/")
	_, isGeneration := ParseGenerationKey(key)
	of, isName := ApprovalOf(name)
	return name, ok && below && isGeneration && isName && of == name
}

// ApprovalKey is the key of what became of the request to approve a change, beside its
// record; ok is false for a text that is no change id.
//
//   - Keys: results/<yyyy>/<mm>/<dd>/<id>.approval.json
//   - Bucket: record bucket
//   - Written by: record, for approval
//   - Read by: record, for all
//   - Deleted by: nobody
func ApprovalKey(id string) (key string, ok bool) {
	key, ok = RecordKey(id)
	if !ok {
		return "", false
	}
	return strings.TrimSuffix(key, ".json") + ".approval.json", true
}
