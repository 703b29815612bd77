// Package record writes how things ended: a record for every change, a receipt
// for every change file, a notice for every change whose end was to be reported in
// chat, a proof for every change after which the server was to be looked at. Each is written once and never changed. Package objects has their keys.
//
// A key follows from what the object is about. Writing it again finds the first
// object, which stays: that is success, not an error.
//
// An object that cannot be read, or that is not whole, is an error, never a record.
package record
