// Package sim runs the function's own code (handler, intake, queue, lane,
// reconcile, record, breaker) in a simulated cloud, in virtual time, with faults
// drawn from a seed: requests that are refused, lost, delayed, or take effect
// without a response; events that are duplicated, reordered and dropped;
// instances that are killed and frozen at any request; clocks that are off by
// minutes; other people who modify the gateways; people who chat, and messengers
// that deliver again and lose responses. Afterwards it checks the project's
// promises. It is tests only.
//
// # One run
//
// Every request of every instance waits for the scheduler, which lets one
// continue at a time and draws its fate from the seed; virtual time moves only
// when all of them wait. So a seed is a run: the same seed gives the same trace,
// byte for byte (TestASeedIsARun, and -twice for all seeds). What is up to the Go
// scheduler, which goroutine goes first if a deadline ends several waits at the
// same instant, must make no difference, also in the code under test.
//
// # Windows and freezes
//
// A quarter of the runs has a policy with windows and freezes that open and close
// within the run, in several time zones, and that people edit while changes wait.
// What they mean is written down in calendar_test.go once more. Nothing may be sent
// for the first time while it is closed by the clock of the instance that sends it:
// clocks may be off by minutes, and an instance has no other one. The clock is read
// when the request is handed over, so the check has no tolerance. An instance that
// is frozen between its last look at the clock and the request is exempt. A policy
// may be as old as when a modification is planned by it.
//
// # Levels
//
// The simulated store and API replace the adapters: they return the errors of
// packages blob and sslvpn. The adapters themselves are tested over HTTP against
// the emulators.
//
// # Running it
//
//	make sim SEEDS=20000
//
// A failing seed is printed with the smallest number of faults and changes that
// still fails, and added to testdata/seeds.txt, whose seeds every run repeats. The
// CI begins at a seed that depends on the commit, so that its runs add up to more
// and more seeds. A run of 12,000 seeds or more also fails if it has reached one of the
// rareStates in fewer than 6 runs.
package sim
