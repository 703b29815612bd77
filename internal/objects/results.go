package objects

import (
	"strings"

	"sslvpnchange/internal/change"
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
	return "results/" + date.Format("2006/01/02/") + id + ".json", true
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

// Outbox is the prefix of pending notifications.
const Outbox = "outbox/"

// Answers is the prefix of answers that are ready to be sent. A trigger watches
// it.
const Answers = Outbox + "answers/"

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
