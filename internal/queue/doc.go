// Package queue keeps accepted changes in line until they have ended.
//
// # Keys
//
// queue/<region>/<server>/<due, 13 digits of Unix milliseconds>-<document>-<number, 4 digits>-<id>.json,
// so that a lane's changes list in the order in which they become due, and a
// document's together and in its order. The key follows from the change, so a
// redelivered document finds its entries there.
//
// # Promise
//
// An entry is created once and deleted when the change's record is written,
// never altered. An entry may come back after that, when a redelivery races
// with the end of its change: whoever works off the line asks for the record
// first.
package queue
