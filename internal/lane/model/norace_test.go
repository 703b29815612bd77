//go:build !race

package model_test

// raced tells whether the race detector is on.
const raced = false
