// Package plan works out what a batch of due changes asks of one server: which
// of them may go ahead, what single modification carries them all, and what
// each will have brought about. It does no I/O and sends nothing; a dry run, an
// answer to POST /v1/plans and a real application share every line of it.
//
// # Rules
//
// Changes are taken in order. Each is judged against the settings as they
// would be at its turn: the server's, plus what the changes before it set. One
// that is refused adds nothing. Among those that go ahead the later one wins,
// setting by setting; a change whose every setting was set again is
// superseded. What the server already has is not sent.
package plan
