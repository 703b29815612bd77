// Package command reads and writes the commands that people type: one grammar
// for every chat platform, for HTTP and for the operator's command, in English
// and Chinese.
//
// # Grammar
//
//	line  = { mention } verb { SP item }      one line, at most 2000 bytes and 64 items
//	item  = key "=" value | "--" option [ "=" value ] | word
//	value = bare | quoted, mixed as in name=“研发 VPN”
//
// Full-width letters, signs and spaces outside quotes mean what their ASCII
// forms mean; Chinese quotes and corner brackets quote. There are no escapes,
// variables, globs, comments or pipes. One message is one command: a line break
// is an error. So are blanks around "=", a key that stands twice, and characters
// that change the order of reading. docs/commands.md has all of it.
//
// # Promise
//
// What Parse accepts, String renders back to a line that Parse reads as the
// same command. What Parse refuses, it refuses whole, with an error that names
// what is wrong and the nearest right thing, in the language of the line: every
// problem of its items, not the first alone. Values keep the rules of package
// change, as those of documents do, but for rules that need a clock. An error
// repeats no value of a key that is not known: it may be a secret.
package command
