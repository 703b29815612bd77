// Package sim runs the function's own code (handler, intake, queue, lane,
// reconcile, record, breaker) against a simulated cloud, in virtual time, with
// faults drawn from a seed: requests refused, lost, delayed, or landed with the
// answer lost; events doubled, reordered and dropped; instances killed and
// frozen at any request; clocks off by minutes; other people at the gateway;
// people who chat, and messengers that deliver again and lose answers.
// Afterwards it checks the project's promises. It consists of tests.
//
// # One run
//
// Every request of every instance stops at the scheduler, which lets one go on
// at a time and draws its fate from the seed; virtual time moves only when all
// of them wait. So a seed is a run: the same seed gives the same trace, byte
// for byte (TestASeedIsARun, and -twice for all seeds). What the Go scheduler
// decides, who goes first where a deadline ends several waits at the same
// instant, must make no difference, in the code under test either.
//
// # Levels
//
// The simulated store and API stand at the border of the adapters: they speak
// in the errors of packages blob and sslvpn. The adapters themselves are tested
// over HTTP against the emulators.
//
// # Running it
//
//	make sim SEEDS=20000
//
// A failing seed is printed with the smallest number of faults and changes that
// still fails; add it to testdata/seeds.txt to keep it.
package sim
