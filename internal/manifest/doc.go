// Package manifest reads change documents: YAML or JSON that asks for one or
// more changes. It is strict, because a slip that is read as something else
// disconnects people.
//
// # Documents
//
// A document is a mapping with the key changes, or one bare change with the
// API's own parameters. A YAML file may hold several documents. Package document
// reads both formats into one small tree with line numbers, and the rules are
// written once, over that tree.
//
// A document is taken whole or not at all: Parse returns either requests or
// problems, and as many problems as it can find in one go.
//
// # Paths
//
// Problems are placed by paths such as "Port" (of a bare change),
// "changes[2].expect.Port" and, where a file holds several documents,
// "documents[1].changes[0].Port". Numbers count from 0, lines from 1.
//
// # Limits
//
// A document has at most MaxSize bytes, MaxChanges changes and a bounded number
// and depth of values. Anchors, aliases, merge keys and tags of YAML are
// refused, so that what a reader sees is what is asked. Values of keys that are
// not known are never repeated in a problem: they may be secrets.
package manifest
