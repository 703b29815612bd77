// Package version says which version of this module a program is.
//
// A release and a package for the platform are stamped by the linker (.ci/version). Any
// other program has what the go command wrote into it: the tag, or a pseudo-version of
// the commit, with "+dirty" where the work tree had changes. A program of neither is
// "devel", such as a test.
package version
