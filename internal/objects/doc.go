// Package objects has every key of the two buckets: how it is built, how it is
// read, and which packages write, read and delete its object.
//
// Keys are a contract: a new version of the function finds what an older one
// wrote, and triggers and access policies name the prefixes. So a form never
// changes; a new kind of object gets a new prefix, and a right in template.yml and
// docs/policies.
//
// The list in the comment of a key says what the table in docs/architecture.md
// says; a test compares the two, and another one compares the rights.
package objects
