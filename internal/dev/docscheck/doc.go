// Package docscheck holds the documents to the code: every code that a user can
// meet stands in docs/errors.md, every field of a record in docs/record.md,
// every variable in the README, every verb and key of commands on their pages,
// and no link leads nowhere. It has tests only.
package docscheck
