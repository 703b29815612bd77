// Package ui serves a local web page for one person: what waits, which approvals they
// may give, what happened, one change as a timeline, and who may do what. The page asks
// this server, which signs the questions and asks the function. The secret stays in this
// process.
//
// # Who may use it
//
// A handler that can sign is worth as much as the secret, so it trusts nobody but the
// page that it served:
//
//   - Requests must name a loopback host. A foreign name that resolves to this machine
//     (DNS rebinding) is refused.
//   - Everything that asks the function needs the token of this process, in a header. It
//     is no cookie: cookies ignore ports, so that every other server of this machine
//     would get it. The page gets the token from the fragment of its URL, which is never
//     sent, and keeps it for its own origin.
//   - Writes must come from this origin, and reads not from another one. Another port of
//     this machine is another origin. There are no CORS headers.
//   - The page may load its own files only, and no other page may frame it.
//   - The routes are a fixed list. The page can read, and vote on a change; it cannot
//     request changes.
//
// # Errors
//
// An answer of the function is passed on with its status. Without an answer, the status
// is 502 and the body a problem document whose type ends in "no-answer".
package ui
