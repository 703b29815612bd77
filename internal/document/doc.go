// Package document reads YAML and JSON strictly, into one small tree with line
// numbers, for documents in which a slip must not be read as something else.
//
// Anchors, aliases, merge keys and tags of YAML are refused, so that what a
// reader sees is what is meant. Nothing is ever decoded into Go types by
// reflection: a [Reader] takes values out of the tree one by one, and gathers
// every problem with its path, line, rule and way out. Values of keys that are
// not known are never repeated in a problem: they may be secrets.
//
// A document has at most [MaxSize] bytes and a bounded number and depth of
// values.
package document
