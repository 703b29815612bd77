// Package growth tests that the cost of reading an input grows no faster than the
// input, so that nobody can occupy an instance with a document that is small
// enough to be accepted.
//
// It measures the CPU time of one thread, which other work on the machine hardly
// changes, and takes the least of several runs.
package growth
