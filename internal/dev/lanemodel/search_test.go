package lanemodel_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// finding is a violation and the shortest trace to it.
type finding struct {
	violation string
	trace     []string
}

func (f finding) String() string {
	return f.violation + ":\n  " + strings.Join(f.trace, "\n  ")
}

// result is the result of a search.
type result struct {
	states, steps int
	cut           bool // there are more states than the limit
	found         *finding
	stuck         *finding // a state from which the changes cannot all end without another fault
}

// maxStates bounds a search, so that a mistake in the model ends in an error.
// With -short a search ends early: "make model" and "go test" visit every state.
const (
	maxStates      = 3_000_000
	maxStatesShort = 4_000
)

func limit() int {
	if testing.Short() {
		return maxStatesShort
	}
	return maxStates
}

type node struct {
	state  state
	parent uint32
}

// explore visits every reachable state, nearest first, until one violates an
// invariant. If none does, it looks for states that cannot get on.
func (m model) explore() result {
	var r result
	most := limit()
	first, _ := m.canonical(start())
	nodes := []node{{state: first}}
	index := map[[5]uint64]uint32{first.key(): 0}
	var back [][2]uint32 // to, from: steps without faults
	for at := uint32(0); int(at) < len(nodes) && r.found == nil; at++ {
		if r.cut = len(nodes) > most; r.cut {
			break
		}
		s := nodes[at].state
		m.steps(s, func(a action, next state, violation string) {
			r.steps++
			next, _ = m.canonical(next)
			k := next.key()
			to, known := index[k]
			if !known {
				to = uint32(len(nodes))
				index[k] = to
				nodes = append(nodes, node{next, at})
			}
			if !a.fault && to != at {
				back = append(back, [2]uint32{to, at})
			}
			if violation != "" && r.found == nil {
				r.found = &finding{violation, m.trace(nodes, at, violation)}
			}
		})
	}
	r.states = len(nodes)
	if r.found == nil && !r.cut {
		if at, ok := hopeless(nodes, back); ok {
			r.stuck = &finding{"not every change can end", m.trace(nodes, at, "")}
		}
	}
	return r
}

// hopeless finds the nearest state from which no final state is reachable, by
// following the given steps backwards.
func hopeless(nodes []node, back [][2]uint32) (uint32, bool) {
	begin := make([]uint32, len(nodes)+1)
	for _, e := range back {
		begin[e[0]+1]++
	}
	for i := range nodes {
		begin[i+1] += begin[i]
	}
	from, fill := make([]uint32, len(back)), append([]uint32(nil), begin...)
	for _, e := range back {
		from[fill[e[0]]] = e[1]
		fill[e[0]]++
	}
	hope := make([]bool, len(nodes))
	var todo []uint32
	for i := range nodes {
		if nodes[i].state.done() {
			hope[i] = true
			todo = append(todo, uint32(i))
		}
	}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, f := range from[begin[at]:begin[at+1]] {
			if !hope[f] {
				hope[f] = true
				todo = append(todo, f)
			}
		}
	}
	for i, h := range hope {
		if !h {
			return uint32(i), true
		}
	}
	return 0, false
}

// trace returns the steps to a node, and one more to a violation if there is
// one. Workers keep their names in it, unlike in canonical states.
func (m model) trace(nodes []node, at uint32, violation string) []string {
	var way []uint32
	for n := at; n != 0; n = nodes[n].parent {
		way = append(way, n)
	}
	slices.Reverse(way)
	var lines []string
	names := "ABC"
	follow := func(from state, match func(next state, v string) bool) {
		found := false
		m.steps(from, func(a action, next state, v string) {
			next, moved := m.canonical(next)
			if found || !match(next, v) {
				return
			}
			found = true
			who := "        "
			if a.worker >= 0 {
				who = "worker " + names[a.worker:a.worker+1]
			}
			lines = append(lines, fmt.Sprintf("%2d. %s %s", len(lines)+1, who, a.what))
			names = string([]byte{names[moved[0]], names[moved[1]], names[moved[2]]})
		})
	}
	from := uint32(0)
	for _, to := range way {
		follow(nodes[from].state, func(next state, _ string) bool { return next == nodes[to].state })
		from = to
	}
	if violation != "" {
		follow(nodes[from].state, func(_ state, v string) bool { return v == violation })
	}
	return lines
}
