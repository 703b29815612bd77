// Package nearest finds the known word that a mistyped one was meant to be.
package nearest
