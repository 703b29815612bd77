// Package demo takes a local cloud through a few changes by every door, shows
// what happened to each, and checks that the outcome is the one asked for.
//
// It looks from outside, as an operator would: receipts and records from the
// bucket, the settings from the VPC API's emulator. Only counters are taken
// from the emulators.
package demo
