// Package dingtalk implements an organization's own DingTalk robot, in HTTP
// mode, as a chat.Platform.
//
// DingTalk's signature covers a timestamp and not the body: whoever has seen a
// request can send another body with its signature, until the timestamp is too
// old. Each signature is therefore accepted for one message only
// (chat.Message.Once).
package dingtalk
