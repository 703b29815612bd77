// Package plan merges a batch of due changes of one server: which of them may be
// applied, the single modification that applies them all, and the outcome of each.
// It does no I/O and sends nothing. Dry runs, POST /v1/plans and real modifications
// use the same code.
//
// # Rules
//
// Changes are processed in order. Each is checked against the settings at its turn:
// the server's settings with the accepted changes before it. A rejected change adds
// nothing. Of accepted changes, the later one wins for each setting; a change whose
// settings are all set again by later ones is superseded. Values that the server
// already has are not sent.
package plan
