// Package command parses and formats the commands that people type: one grammar
// for every chat platform, HTTP and vpnctl, in English and Chinese.
//
// # Grammar
//
//	line  = { mention } verb { SP item }      one line, at most 2000 bytes and 64 items
//	item  = key "=" value | "--" option [ "=" value ] | word
//	value = bare | quoted, mixed as in name=“研发 VPN”
//
// Full-width letters, signs and spaces outside quotes are read as their ASCII
// forms; Chinese quotes and corner brackets are quotes. There are no escapes,
// variables, globs, comments or pipes. One message is one command: a line break
// is an error. Blanks around "=", a repeated key, and characters that change the
// reading order are errors, too. docs/commands.md describes the whole grammar.
//
// # Contract
//
// String renders a command that Parse has accepted to a line that Parse reads as
// the same command. Parse accepts or refuses a line as a whole. The error lists
// every problem with its items, each with a suggestion, in the language of the
// line. Values follow the rules of package change, as those in documents do,
// except for the rules that need a clock. A time may be written without its date or
// zone ("02:00", "sat-02:00", "+2h"): Resolved gives the time, for the time at which the
// line was accepted and the zone of its sender. An error never repeats the value of an
// unknown key, because it may be a secret.
package command
