// Package revision reads and puts the policy over the function's URL, and keeps every
// text that was put.
//
// # Who may
//
// The editors: people to whom the policy in force grants the role policy-editor, and the
// senders of the variable POLICY_EDITORS. The latter may also while there is no policy or
// an invalid one. Nobody else learns anything, because a policy has the accounts of
// people.
//
// # How a policy is put
//
// OSS has no overwrite that depends on what is there. So every put has a revision, a
// write-once object below policy/history/ with the next number, and two steps:
//
//  1. Create the revision. This succeeds for one of those who try at the same time; the
//     others are told that the policy is another one now.
//  2. Overwrite policy/policy.yaml with its text, within writeTime after step 1 began.
//
// Nobody creates the next revision before the text of the newest one is in force, or the
// newest one is older than graceTime by the store's clock. Its writer has given up by then.
// So overwrites happen in the order of the revisions, whoever dies in between.
//
// A worker that dies between the steps leaves a revision that is not in force: unfinished.
// The same request, repeated, finishes it. Otherwise nothing does, so that no policy comes
// into force after its editor has stopped waiting; the next put has the next number.
//
// # Policies that people save in the bucket
//
// They are in force like others, and nobody is known to have put them. The next put keeps
// the text that it replaces as a revision of its own, without an editor. A text that is
// saved in the bucket between the two steps of a put, within a fraction of a second, is
// overwritten and lost.
//
// What a function reads for a change is policy/policy.yaml alone: revisions cost nothing
// there.
package revision
