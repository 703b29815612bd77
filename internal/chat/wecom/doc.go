// Package wecom implements a corporation's AI bot, its own app, or both as a
// chat.Platform. Messages to both are encrypted and signed with a token and an
// EncodingAESKey, and so are the responses, which WeCom shows.
package wecom
