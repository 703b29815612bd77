package sim_test

import "math/rand/v2"

// kinds is a set of kinds of faults. Beside the fates of requests, these are the
// other things that can go wrong in a run.
type kinds uint32

const (
	lostEvents     kinds = 1 << (stale + 1 + iota) // events that are never delivered
	doubledEvents                                  // and such as are delivered twice, or late
	skewedClocks                                   // of instances
	intruders                                      // people who modify gateways with the console
	damages                                        // objects that are read damaged
	foreigners                                     // objects of others where records belong
	otherVersions                                  // instances of another version
	reforms                                        // changes of the policy
	failingServers                                 // servers whose modifications are answered with errors
	allKinds       = 1<<(stale+1+iota) - 1 - 1<<good
)

// kind is the kind of fault that a request's fate is.
func (f fate) kind() kinds { return 1 << f }

func (k kinds) has(other kinds) bool { return k&other != 0 }

// drawKinds draws which faults a run has: none, one kind, some or all. Many bugs
// hide behind other faults: an instance that dies never shows what it would have
// done next.
// Half of the runs have more of them where they hurt most, at modifications.
func drawKinds(seed uint64) (k kinds, focus float64) {
	r := rand.New(rand.NewPCG(seed, 5))
	focus = []float64{1, 1, 10, 100}[r.IntN(4)]
	switch n := r.IntN(20); {
	case n == 0:
		return 0, focus
	case n < 7:
		for k&allKinds == 0 {
			k = 1 << r.IntN(32)
		}
		return k, focus
	case n < 14:
		return kinds(r.Uint32()) & allKinds, focus
	default:
		return allKinds, focus
	}
}
