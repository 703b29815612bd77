// Package chat speaks the protocols of chat platforms: it verifies requests to
// a bot, reads the message out of them, renders answers, and sends later ones.
// What a message asks for is not its business.
//
// # One file for each platform
//
// A platform is a [Platform] and a [Spec] that says how it is configured. Adding
// one is writing its file and naming its spec in [Specs].
//
// # Verify, then parse
//
// Receive checks the signature over the bytes as they came, in constant time and
// against every configured secret, before it parses anything, and then parses
// those same bytes and nothing else. Query parameters count only where the
// signature covers them. Every refusal is a [*RefusedError], whose text says
// nothing: its reason is for the log.
//
// # What people write is text
//
// Answers are a [Text]: lines of plain and code pieces. Each platform renders
// them so that no piece, whoever wrote it, can mention, link or format anything.
//
// # Secrets
//
// A [Reply] says where later answers go and lets anybody post there. It is
// stored as long as an answer is owed and never logged, shown or recorded.
package chat
