// Package doctor checks a deployment for `vpnctl doctor`: the operator's files on this
// machine, the function over HTTP, and, through the function, the account.
//
// Every check has a statement on which the product rests. The catalogue says what rests on
// it and what to do where it is false; docs/assumptions.md says the same, and a test
// compares the two. A result is OK, a finding, or not checked, with the reason.
//
// What is found is shown to people and programs, so it never has the value of a setting:
// it may be a secret.
package doctor
