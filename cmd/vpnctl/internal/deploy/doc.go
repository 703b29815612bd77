// Package deploy keeps a deployment from losing what the deployed function has: a
// secret, a bot, a bucket, a trigger.
//
// # The file of settings
//
// One file, .env.deploy, has every variable that s.yaml and template.yml read, as
// lines of NAME=value. A value is taken as it is: nothing is interpreted, and what the
// tools behind would interpret is refused. The file has the only copy of the secrets.
// It is created once, complete or not at all, readable by its owner alone, and only
// where git ignores it; it is replaced by a rename, so that a reader sees the old file
// or the new one.
//
// # What is deployed
//
// A [State] is what a later deployment must not lose. It comes from the record that a
// deployment leaves beside the file (.env.deploy.last), or from the answer of
// Function Compute's GetFunction. The record holds keyed digests in the place of
// secrets.
//
// [File.Check] finds what the function would refuse at its start, by internal/config
// itself. [State.Losses] finds what a deployment would take away; each loss has the
// flag that makes it deliberate.
//
// # Errors
//
// An error names the file, the line or the variable, the rule, and the way out. No
// error repeats the value of a line: it may be a secret.
package deploy
