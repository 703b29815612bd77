package change

import (
	"strconv"
	"strings"
	"time"
)

// An identity is a text that identifies the delivery of a document. It is equal
// for every redelivery and different for every other delivery. Ids are derived
// from it and it is stored with them, so its form must never change. Parts are
// quoted as ASCII, so that they cannot be confused and no store or encoding alters
// them.

// FileIdentity identifies one upload of a change file. OSS gives Last-Modified
// in whole seconds.
func FileIdentity(bucket, key, eTag string, lastModified time.Time) string {
	return identity(FromFile, bucket, key, eTag, lastModified.UTC().Format(time.RFC3339))
}

// HTTPIdentity identifies one webhook by its verified sender and the sender's
// own id for it.
func HTTPIdentity(sender, webhookID string) string {
	return identity(FromHTTP, sender, webhookID)
}

// TimerIdentity identifies one tick of a timer trigger.
func TimerIdentity(triggerName string, triggerTime time.Time) string {
	return identity(FromTimer, triggerName, triggerTime.UTC().Format(time.RFC3339Nano))
}

// ChatIdentity identifies one message to a chat bot.
func ChatIdentity(platform, tenant, messageID string) string {
	return identity(FromChat, platform, tenant, messageID)
}

// SenderTokenIdentity identifies a change by its sender's own idempotency token.
// The sender is the person, where a policy names one.
func SenderTokenIdentity(sender string, target Target, clientToken string) string {
	return identity("token of", sender, target.RegionID, target.ServerID, clientToken)
}

// TokenIdentity identifies a change by an idempotency token alone, as earlier
// versions did. Claims of 30 days have it.
func TokenIdentity(target Target, clientToken string) string {
	return identity("token", target.RegionID, target.ServerID, clientToken)
}

func identity(kind OriginKind, parts ...string) string {
	var b strings.Builder
	b.WriteString(string(kind))
	for _, p := range parts {
		b.WriteString(" " + strconv.QuoteToASCII(p))
	}
	return b.String()
}
