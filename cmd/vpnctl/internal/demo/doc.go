// Package demo requests a few changes in a local cloud through every channel,
// shows what happened to each, and checks the outcome.
//
// It observes the system from outside, as an operator does: receipts and
// records from the bucket, settings from the VPC API's emulator. Only counters
// come from the emulators' internals.
package demo
