//go:build !race

package lanemodel_test

// raced tells whether the race detector is on.
const raced = false
