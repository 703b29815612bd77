// Package dingtalk implements an organization's own DingTalk robot, in HTTP
// mode, as a chat.Platform.
//
// DingTalk's signature covers a timestamp and not the body: whoever has seen a
// request can send another body with its signature, until the timestamp is too
// old. Each signature is therefore accepted for one body only
// (chat.Delivery.Token), and claimed also where the message is ignored.
package dingtalk
