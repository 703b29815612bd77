// Package importrules holds the module's packages to the directions in which
// they may import each other. It is tests only.
//
// Imports point inward: the domain (internal/change) and the wire formats
// (events) know the standard library alone; a cloud SDK is known where the
// cloud is spoken to and nowhere else; the grammar of commands knows the domain
// and its words, and no platform; the edge (handler) is known to main alone;
// intake and reconcile meet in the queue and not in each other; every door asks
// the policy, which knows none of them; the emulators never travel with the
// function.
//
// The linter has rules to the same end, which tell while typing. They go by
// patterns of file names, and a pattern that matches nothing says nothing; this
// test goes by what is really imported.
package importrules
