package objects

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Queue is the prefix of the queue entries and votes of all lanes.
const Queue = "queue/"

// QueuePrefix is the prefix of one lane's queue entries and votes.
func QueuePrefix(t change.Target) string { return Queue + t.String() + "/" }

// EntryKey is the key of a change's queue entry. A lane's entries list in the
// order in which they become due, and those of a document together and in its
// order. The due time is in Unix milliseconds.
//
//   - Keys: queue/<region>/<server>/<due, 13 digits>-<document>-<number, 4 digits>-<id>.json
//   - Written by: queue, for intake
//   - Read by: queue, for reconcile and executor
//   - Deleted by: queue, for reconcile, when it has ended
func EntryKey(c change.Change) string {
	return fmt.Sprintf("%s%013d-%s-%04d-%s.json", QueuePrefix(c.Target), c.DueAt.UnixMilli(), c.Document, c.Index, c.ID)
}

// ParseEntryKey reads what the key of a queue entry says of its change: id,
// document, number, target and due time. The id of a change with a ClientToken is
// not made from its document, so the two are not compared.
func ParseEntryKey(key string) (change.Change, bool) {
	target, name, ok := inQueue(key)
	if !ok {
		return change.Change{}, false
	}
	// 13 digits, document, 4 digits, id
	due, rest, ok1 := strings.Cut(name, "-")
	document, rest, ok2 := strings.Cut(rest, "-")
	number, id, ok3 := strings.Cut(rest, "-")
	if !ok1 || !ok2 || !ok3 || !digits(due, 13) || !digits(number, 4) || !change.IsDocumentID(document) {
		return change.Change{}, false
	}
	if _, _, _, ok := change.ParseID(id); !ok {
		return change.Change{}, false
	}
	ms, err := strconv.ParseInt(due, 10, 64)
	index, err2 := strconv.Atoi(number)
	if err != nil || err2 != nil {
		return change.Change{}, false
	}
	return change.Change{
		Request: change.Request{Target: target}, ID: id, Document: document,
		Index: index, DueAt: time.UnixMilli(ms).UTC(),
	}, true
}

// VoteKey is the key of a vote on a change of a lane. "-" sorts before digits, so
// the votes list before all entries: the first page of a lane's listing has both.
// The hash is of the person and of what is approved: an approval of another plan
// is another vote, and so is another extension.
//
//   - Keys: queue/<region>/<server>/-<id>-<vote>-<hash>.json
//   - Written by: queue, for executor
//   - Read by: queue, for reconcile and executor
//   - Deleted by: queue, for reconcile, when it has ended
func VoteKey(t change.Target, id string, v change.Vote) string {
	until := ""
	if !v.Until.IsZero() {
		until = "\x00" + v.Until.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%s-%s-%s-%s.json", QueuePrefix(t), id, v.Kind, hash(v.Person+"\x00"+v.Digest+until, 8))
}

// VotesPrefix is what the keys of all votes on a change begin with.
func VotesPrefix(t change.Target, id string) string { return QueuePrefix(t) + "-" + id + "-" }

// ParseVoteKey reads out of a vote's key the lane, the id of the change, and what
// the vote says.
func ParseVoteKey(key string) (t change.Target, id string, kind change.VoteKind, ok bool) {
	t, name, ok := inQueue(key)
	name, vote := strings.CutPrefix(name, "-")
	// The id has one or two dashes of its own.
	name, sum, ok1 := cutLast(name)
	id, text, ok2 := cutLast(name)
	if !ok || !vote || !ok1 || !ok2 || len(sum) != 16 || strings.Trim(sum, "0123456789abcdef") != "" {
		return change.Target{}, "", "", false
	}
	switch kind = change.VoteKind(text); kind {
	case change.Approval, change.Rejection, change.Cancel, change.Extend, change.UndoNow:
	default:
		return change.Target{}, "", "", false
	}
	if _, _, _, ok := change.ParseID(id); !ok {
		return change.Target{}, "", "", false
	}
	return t, id, kind, true
}

// inQueue splits a key below Queue into its lane and its name without ".json".
func inQueue(key string) (t change.Target, name string, ok bool) {
	rest, ok1 := strings.CutPrefix(key, Queue)
	slash := strings.LastIndexByte(rest, '/')
	if !ok1 || slash < 0 {
		return change.Target{}, "", false
	}
	t, ok1 = change.ParseTarget(rest[:slash])
	name, ok2 := strings.CutSuffix(rest[slash+1:], ".json")
	return t, name, ok1 && ok2
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func digits(s string, n int) bool { return len(s) == n && strings.Trim(s, "0123456789") == "" }
