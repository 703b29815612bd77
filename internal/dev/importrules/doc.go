// Package importrules checks the directions in which the module's packages may
// import each other. It is tests only.
//
// Imports point inward:
//
//   - The domain (internal/change) and the wire formats (events) import the
//     standard library only, and so do internal/lang and internal/nearest.
//   - The foundations (internal/objects, secret, endpoint, backoff, window, zone) are leaves:
//     they import the standard library, the domain, and what a rule names.
//   - The grammar of commands imports the domain and its words, and no platform.
//   - The platforms below internal/chat do not import each other.
//   - The policy imports none of the channels that ask it.
//   - Intake and reconcile do not import each other: they meet in the queue.
//   - The edge (handler) is imported by main and internal/function only, and
//     internal/function by main only. A cloud SDK is imported by the edge and by
//     internal/blob/oss only.
//   - Nothing that ships imports internal/dev or cmd.
//
// The linter has rules to the same end, which report while typing. They go by
// patterns of file names, and a pattern that matches nothing reports nothing;
// this test goes by what is really imported.
package importrules
