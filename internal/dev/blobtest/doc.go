// Package blobtest is the conformance suite of package blob, which every backend
// passes.
package blobtest
