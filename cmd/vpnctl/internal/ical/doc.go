// Package ical writes calendar files of RFC 5545 that calendar programs import and
// subscribe to.
//
// # Contract
//
// Every event is one concrete occurrence with its times in UTC. There are no recurrence
// rules and no time zone definitions: an instant needs none, and a file of rules would
// repeat the semantics of windows (dates that are excepted, nights of daylight saving
// time) in a second implementation. A program shows the instants in its reader's zone.
//
// Text is escaped, lines end with CRLF and are folded at 75 octets without dividing a
// character. Control characters, which the format does not permit, are left out. An
// event with the UID of an event in an earlier file replaces it.
package ical
