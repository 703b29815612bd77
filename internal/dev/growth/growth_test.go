package growth

import (
	"testing"
	"time"
)

// spin does n steps that the compiler keeps.
func spin(n int) {
	x := uint64(1)
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	if x == 0 {
		panic("cannot happen: the multiplier and the increment are odd")
	}
}

func TestCostMeasuresWork(t *testing.T) {
	t.Parallel()
	var small, large time.Duration
	for range 5 {
		small, large = least(small, cost(spin, 2_000_000)), least(large, cost(spin, 20_000_000))
	}
	if large < 4*small {
		t.Errorf("ten times the work costs %v instead of %v", large, small)
	}
}

func TestLinearAcceptsLinearWork(t *testing.T) {
	t.Parallel()
	Linear(t, 2_000_000, func(n int) int { return n }, spin)
}

func TestLinearRefusesQuadraticWork(t *testing.T) {
	t.Parallel()
	inner := &testing.T{}
	Linear(inner, 12_000, func(n int) int { return n * n }, spin)
	if !inner.Failed() {
		t.Error("quadratic work was accepted")
	}
}
