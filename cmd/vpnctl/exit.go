package main

import "errors"

// The exit statuses. docs/vpnctl.md describes them; a test compares the two.
const (
	exitDone       = 0 // it is done; so is a change that a later one of the same document set again
	exitFailed     = 1 // it failed or was refused
	exitUsage      = 2 // the command line or the environment is invalid; nothing was sent
	exitUnapproved = 3 // a change waits for approval
	exitUnended    = 4 // a change has not ended yet
)

// outcomeError is the end of a command that has already printed what there is to say.
type outcomeError struct{ exit int }

func (outcomeError) Error() string { return "already shown" }

// outcome ends a command that has printed its outcome.
func outcome(exit int) error {
	if exit == exitDone {
		return nil
	}
	return outcomeError{exit}
}

// exitOf is the exit status for what a command returned.
func exitOf(err error) int {
	if err == nil {
		return exitDone
	}
	if o, ok := errors.AsType[outcomeError](err); ok {
		return o.exit
	}
	return explain(err).exit
}
