package objects

import (
	"fmt"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// RecordKey is the key of a change's record; ok is false for a text that is no
// change id. The date is the id's.
//
//   - Keys: results/<yyyy>/<mm>/<dd>/<id>.json
//   - Bucket: record bucket
//   - Written by: record, for intake and reconcile
//   - Read by: record, for all
//   - Deleted by: nobody
func RecordKey(id string) (key string, ok bool) {
	date, _, _, ok := change.ParseID(id)
	if !ok {
		return "", false
	}
	return RecordsOf(date) + id + ".json", true
}

// Records is the prefix of all records, notices and proofs.
const Records = "results/"

// RecordsOf is the prefix of the records whose ids have a day.
func RecordsOf(day time.Time) string { return Records + day.UTC().Format("2006/01/02/") }

// IsRecordKey reports whether a key is one that a record can have.
func IsRecordKey(key string) bool {
	id, ok := RecordID(key)
	for n := 1; ok && n <= MaxRecordKeys; n++ {
		if may, _ := RecordKeyBeside(id, n); may == key {
			return true
		}
	}
	return false
}

// MaxRecordKeys is how many keys RecordKeyBeside has for one id.
const MaxRecordKeys = 9

// RecordKeyBeside is the n-th key for the record of a change, from 1 (RecordKey)
// to MaxRecordKeys. A record is at the first key that has no object which is not
// the change's record.
//
//   - Keys: results/<yyyy>/<mm>/<dd>/<id>.<n>.json
//   - Bucket: record bucket
//   - Written by: record, for intake and reconcile
//   - Read by: record, for all
//   - Deleted by: nobody
func RecordKeyBeside(id string, n int) (key string, ok bool) {
	key, ok = RecordKey(id)
	if ok && n > 1 {
		key = fmt.Sprintf("%s.%d.json", strings.TrimSuffix(key, ".json"), n)
	}
	return key, ok && n <= MaxRecordKeys
}

// RecordsPrefix is what the keys of all records begin with whose ids begin with
// the text; ok is false for a text that does not begin with a date.
func RecordsPrefix(id string) (prefix string, ok bool) {
	t, ok := change.ParseTyped(id)
	if !ok {
		return "", false
	}
	day := t.Prefix()
	return Records + day[:4] + "/" + day[4:6] + "/" + day[6:8] + "/" + day, true
}

// RecordID reads the id of the change out of a key that its record, notice or proof has.
func RecordID(key string) (id string, ok bool) {
	name := key[strings.LastIndexByte(key, '/')+1:]
	id, _, _ = strings.Cut(name, ".")
	main, ok := RecordKey(id)
	return id, ok && strings.HasPrefix(key, strings.TrimSuffix(main, "json"))
}

// NoticeKey is the key of a change's notice, beside its record; ok is false for
// a text that is no change id.
//
//   - Keys: results/<yyyy>/<mm>/<dd>/<id>.notice.json
//   - Bucket: record bucket
//   - Written by: record, for notify
//   - Read by: record, for all
//   - Deleted by: nobody
func NoticeKey(id string) (key string, ok bool) {
	key, ok = RecordKey(id)
	if !ok {
		return "", false
	}
	return strings.TrimSuffix(key, ".json") + ".notice.json", true
}

// ProofKey is the key of a change's proof, beside its record; ok is false for a text
// that is no change id.
//
//   - Keys: results/<yyyy>/<mm>/<dd>/<id>.proof.json
//   - Bucket: record bucket
//   - Written by: record, for proof
//   - Read by: record, for all
//   - Deleted by: nobody
func ProofKey(id string) (key string, ok bool) {
	key, ok = RecordKey(id)
	if !ok {
		return "", false
	}
	return strings.TrimSuffix(key, ".json") + ".proof.json", true
}

// Proofs is the prefix of pending proofs.
const Proofs = "proofs/"

// PendingProofKey is the key of a proof that is not written yet.
//
//   - Keys: proofs/<region>/<server>/<id>.json
//   - Written by: proof, for reconcile
//   - Read by: proof
//   - Deleted by: proof, when it is final
func PendingProofKey(t change.Target, id string) string {
	return Proofs + t.String() + "/" + id + ".json"
}

// Outbox is the prefix of pending notifications.
const Outbox = "outbox/"

// Answers is the prefix of answers that are ready to be sent. A trigger watches
// it.
const Answers = Outbox + "answers/"

// reminderEnd is how the keys of reminders end.
const reminderEnd = ".half.json"

// ReminderKey is the key of the pending reminder of a change that an undo undoes
// unless somebody confirms it. The id is that of the undo.
//
//   - Keys: outbox/<region>/<server>/<id>.half.json
//   - Written by: notify
//   - Read by: notify
//   - Deleted by: notify, when delivered, given up, or no longer needed
func ReminderKey(t change.Target, undo string) string {
	return Outbox + t.String() + "/" + undo + reminderEnd
}

// ReminderLane is the lane of a reminder, by its key.
func ReminderLane(key string) (change.Target, bool) {
	name, ok := strings.CutPrefix(key, Outbox)
	parts := strings.Split(name, "/")
	if !ok || len(parts) != 3 || !IsReminder(key) {
		return change.Target{}, false
	}
	t := change.Target{RegionID: parts[0], ServerID: parts[1]}
	return t, t.Valid()
}

// IsReminder reports whether a key of the outbox is that of a reminder.
func IsReminder(key string) bool { return strings.HasSuffix(key, reminderEnd) }

// OutboxKey is the key of the pending notification of how a change ended.
//
//   - Keys: outbox/<region>/<server>/<id>.json
//   - Written by: notify
//   - Read by: notify
//   - Deleted by: notify, when delivered or given up
func OutboxKey(t change.Target, id string) string { return Outbox + t.String() + "/" + id + ".json" }

// AnswerName is the name of an answer below Answers: a hash of the identity of
// the message that it answers.
func AnswerName(message string) string { return hash(message, 16) }

// AnswerKey is the key of the answer to a message.
//
//   - Keys: outbox/answers/<hash of the message's identity>.json
//   - Written by: notify
//   - Read by: notify, and the platform's trigger
//   - Deleted by: notify, when delivered or given up
func AnswerKey(message string) string { return Answers + AnswerName(message) + ".json" }
