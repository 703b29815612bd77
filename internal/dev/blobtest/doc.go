// Package blobtest is the conformance suite of package blob: what every
// backend must do, whatever is behind it.
package blobtest
