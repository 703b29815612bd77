// Package chat is the contract between the function and chat platforms, and
// what all platforms share: settings, verification, sending, text, and the
// reasons and codes of failures. It does not interpret what a message requests.
//
// # One package for each platform
//
// A platform is a [Platform] and a [Spec] that describes its configuration. It
// lives in a package of its own below this one. To add a platform, write
//
//   - its package, with a function Spec, and a test that runs the conformance
//     suite,
//   - one line in [github.com/sslvpn-change/sslvpn-change/internal/chat/platforms],
//   - its fixture for the suite in internal/dev/chattest,
//   - its emulator in internal/dev/localcloud/chat, and its page in docs/chat.
//
// The tests of package platforms name what is missing.
//
// # Verify, then parse
//
// Receive checks the signature over the bytes as received, in constant time and
// against every configured secret, before it parses anything. It then parses
// exactly those bytes. Query parameters are used only if the signature covers
// them. Every refusal is a [*RefusedError]. Its text is the same for all
// reasons; the [Reason] is for the log only.
//
// # Text
//
// Answers are a [Text]: lines of plain and code spans. Each platform renders
// them so that no span can mention, link or format anything, whoever wrote it.
// What is common to all of them is in [Layout].
//
// # Secrets
//
// Keys of the settings are a secret.Text. A [Reply] holds the address of later
// answers, and whoever has it can post there. It is stored only while an
// answer is pending, and never logged, shown or recorded.
package chat
