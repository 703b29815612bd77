// Package feishu implements an app of Feishu, or of Lark, with a bot as a
// chat.Platform. Events are encrypted. Answers are always sent later, through
// the API and as cards with buttons.
package feishu
