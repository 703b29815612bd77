// Package startcheck keeps the start of the function short. It is tests only.
//
// Every new instance runs the initialization of all packages before it can poll
// for its first event, whether that event needs them or not. Packages of this
// module therefore do nothing at package level: they compile no pattern, fill no
// map and call no function there, and have no init functions.
package startcheck
