// Package slack implements a Slack app of one workspace as a chat.Platform: its
// slash command, its buttons, mentions of it and direct messages to it.
//
// Slash commands are answered in the HTTP response. Everything else is answered
// later, at the response URL that came with the request or, for events, with
// the bot's token.
package slack
