// Package breaker stops calling the VPC API of a region that does not work:
// calls that cannot succeed cost people's time and the API's strength to
// recover.
//
// # Judgement
//
// A well-formed refusal (busy, invalid, denied, locked, credentials, other)
// proves that the API works and counts as healthy. Throttling, and calls that
// the caller's own context ended, count for nothing. Unavailable and unknown
// count as failures. A region opens at 5 failures or more that are half or more
// of the calls of the last 60 seconds.
//
// # Opening
//
// An open region refuses calls for 30 s, doubled at each re-opening up to 5
// minutes; then one call is let through as a probe, with a deadline of its own,
// so that a probe that never comes back cannot block the region for ever. The
// first healthy answer closes it and starts over at 30 s.
//
// # Hold
//
// Instances come and go, so an opening is also written as an advisory object
// holds/<region>.json, the hold. An instance reads it before its first call to
// a region and takes it for its own opening: it waits it out and then probes. A
// hold that cannot be read is ignored and one that cannot be written is logged:
// the breaker never fails a call for its own sake, and never changes the result
// of one that was made.
//
// gobreaker's distributed breaker is not used: it loses updates between
// processes, and reports a failed state write as the failure of the call.
package breaker
