// Package doctor checks, on the account that the function runs on, statements about the
// platform on which the product rests: one check for each request. docs/assumptions.md
// says what rests on each, and what to do where one is false.
//
// # What a check does
//
// It uses the function's own role, and changes nothing that lasts. It writes below
// claims/doctor/ only, which the sweep deletes when it is old, and two objects whose keys
// are fixed: [objects.DoctorWake] and [objects.DoctorAnswer]. No worker takes them for its
// own. It never modifies a server: a dry run, of a server that the operator names, sends
// the name that the server has. Rights are checked by requests that cannot have an effect
// even where they are permitted: a write whose digest is wrong, a deletion of an object
// that does not exist, a read of a certificate that does not exist. A right whose trial
// could not be undone is not tried.
//
// A check that is interrupted leaves objects behind that nothing reads.
//
// # Results
//
// [OK]: the statement was seen to hold, which is no proof that it always does. [Finding]:
// it was seen not to hold. [NotChecked]: nothing can be said, with the reason. [Waiting]:
// something is under way; the same check with the run of the result continues it.
package doctor
