// Package executor executes parsed commands, whichever channel they came
// through: chat, signed HTTP or the operator's command. It asks the policy,
// answers from what can be read at once, and leaves everything that takes time
// to the lanes.
//
// # Effects
//
// Nothing here modifies a server. A requested change is queued; a vote on a
// queued change is stored beside it; the rest is reading. So a command is
// answered within seconds. A command that is delivered again, or whose execution
// is interrupted and that is delivered again, has the effect of one delivery.
//
// # Approval
//
// The plan of a change that needs approval has a code, which stands for the
// change, the server's settings and the difference. An approval repeats the code
// and counts for exactly that plan; see package plan.
package executor
