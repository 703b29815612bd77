// Package events reads what Function Compute's triggers hand to the function:
// HTTP requests, created objects, timer ticks, and the wake-ups that the function
// sets for itself.
//
// It decodes only: whether a bucket, a trigger's name or a signature is the
// right one is checked by the packages that use an [Event].
//
// # Telling events apart
//
// A function gets raw bytes and no name of the trigger, so their fields decide:
// an HTTP request has requestContext.http and version v1, OSS records have
// events, a timer tick has triggerName and triggerTime, a wake-up has wake. A
// payload with the fields of two kinds is refused. What an HTTP client sends is inside the
// request's body, so it cannot imitate another trigger. Anyone who may invoke
// the function directly can, so consumers check buckets and names again.
//
// # Tolerance
//
// The formats belong to the platform and grow: unknown fields are ignored, and
// numbers are accepted where text is expected. A field that the project needs
// and that is missing makes an error that says which.
package events
