// Package document reads YAML and JSON strictly into a small tree with line
// numbers, for documents in which a typing error must not change the meaning.
//
// Anchors, aliases, merge keys and tags of YAML are refused, so that a document
// means what it shows. Nothing is decoded into Go types by reflection: a [Reader]
// reads values from the tree one by one, and collects every problem with its path,
// line, rule and hint. A problem never repeats the value of an unknown key, because
// it may be a secret.
//
// A document has at most [MaxSize] bytes and a bounded number and depth of
// values.
package document
