// Package chat emulates the four chat services that the function speaks with:
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
// sources, "observed" was seen by others on the wire, and "own choice" is what
// nothing public tells. It shares no code with package chat of the function, so
// that neither can hide the other's mistakes.
//
// A bot's message is read as its platform reads it, into blocks and spans. So a
// name that turns into a link, a mention or a button is one in
// [Message.Mentions] and [Message.Buttons], where a test can see it.
//
// # State
//
// Everything is in memory and bounded: the last messages, requests and reply
// addresses. Nothing runs in the background.
//
// # Control
//
// Tests in the process use the methods of [Service]. People use [Service.Page],
// which is for loopback only: it shows requests with their signatures.
package chat
