// Package window decides when changes may be sent: maintenance windows open and close by
// the local clock, and freezes close everything for a time.
//
// # Contract
//
// A window is open while the clock of its zone reads a time inside one of its intervals.
// What counts is the reading of the clock at the moment that is asked about, and never
// how much time has passed since the interval began. So in the night in which the clocks
// are set forward, an interval inside the skipped hour does not open, and in the night in
// which they are set back, an interval inside the repeated hour opens twice.
//
//   - An interval begins on the days that it lists. If its end is not after its beginning,
//     it ends on the next morning. [Window.Except] lists dates on which no interval begins;
//     an interval that began on the day before still ends in the morning.
//     [Window.Also] lists dates that are open from midnight to midnight.
//   - Openings include their first instant and exclude their last.
//   - Of the windows for one setting, one open window is enough. A change with several
//     settings needs an open window for each of them. A setting without any window is
//     always open.
//   - Intervals and windows for one setting that overlap or touch are one opening.
//     [Window.LastStart] is counted back from the end of that whole opening. It is elapsed
//     time, also in a night in which the clocks change.
//   - A freeze closes from the first instant at which the clock of its zone reads its
//     beginning or later, until the clock never reads a time before its end again. It beats
//     every window. It does not count as the end of an opening for LastStart.
//
// The package does no I/O. Rules of zones come from the table of package zone, so all
// instances and all machines agree. A zone is loaded when it is first asked about.
//
// # Cost
//
// [Calendar.Ask] works through the time from now on in steps that grow from one day to 32
// days, and ends at the first change. Each day of each window costs a constant time for
// each interval. The bounds on windows, intervals, dates and freezes bound the worst case,
// a calendar that does not change within [Horizon]: the benchmarks of this package measure it.
package window
