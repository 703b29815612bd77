// Package manifest reads change documents: YAML or JSON with one or more changes.
// It is strict, because a typing error that is read as something else can
// disconnect people.
//
// # Documents
//
// A document is a mapping with the key changes, or one bare change with the
// API's own parameters. A YAML file may hold several documents. Package document
// reads both formats into one small tree with line numbers, and the rules are
// written once, over that tree.
//
// A document is accepted or refused as a whole: Parse returns either requests or
// problems, and it reports all problems that it can find at once.
//
// # Paths
//
// Problems have paths such as "Port" (of a bare change),
// "changes[2].expect.Port" and, where a file holds several documents,
// "documents[1].changes[0].Port". Numbers count from 0, lines from 1.
//
// # Limits
//
// A document has at most MaxSize bytes, MaxChanges changes and a bounded number
// and depth of values. Anchors, aliases, merge keys and tags of YAML are
// refused, so that a document means what it shows. A problem never repeats the
// value of an unknown key, because it may be a secret.
package manifest
