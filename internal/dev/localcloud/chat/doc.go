// Package chat emulates the four chat services that the function communicates with:
// DingTalk robots, Feishu event subscriptions, WeCom AI bots, and Slack slash
// commands and buttons. It serves `vpnctl local`, whose page is a chat room in a
// browser, and the scenario tests.
//
// # Fidelity
//
// Requests to the function are signed and encrypted as the services do it, and
// the reply APIs keep the services' rules: which address works how often and how
// long, which token is asked for, and errors in answers whose HTTP status is 200.
// Comments label what is emulated: "documented" is in the vendors' pages or SDK
// sources, "observed" was reported by others, and "own choice" has no public
// source. The package shares no code with package chat of the function, so that
// neither can hide the other's mistakes.
//
// A bot's message is parsed as its platform parses it, into blocks and spans. If
// a name becomes a link, a mention or a button, tests find it in
// [Message.Mentions] and [Message.Buttons].
//
// # Rooms
//
// The bot is in the room named Room of every platform, and in those in which somebody
// wrote to it. It posts cards there with its own credential, by the platforms' APIs
// ([Message.Way] is "card"), and updates them in place ([Message.Edits]). What an API
// refuses of a card, an emulated one refuses. A card of WeCom's app is shown to each
// of its people.
//
// # State
//
// Everything is in memory and bounded: the last messages, requests and reply
// addresses. Nothing runs in the background.
//
// # Control
//
// Tests use the methods of [Service]. People use [Service.Page], which is
// available on loopback addresses only, because it shows signed requests.
package chat
