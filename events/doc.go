// Package events reads what Function Compute's triggers hand to the function:
// HTTP requests, created objects and timer ticks.
//
// It decodes and does not judge: whether a bucket, a trigger's name or a
// signature is the right one is decided by those who use an [Event].
//
// # Telling events apart
//
// A go1 function gets raw bytes and nothing that names the trigger, so the
// shape decides, in this order: an HTTP request (requestContext.http and
// version v1), OSS records (events), a timer tick (triggerName and
// triggerTime), a CloudEvent or an array of them (specversion), an MNS topic's
// message (TopicName and Message, or body and attrs, or the bare message). A
// payload that has the marks of two shapes is refused. What an HTTP client
// sends stays inside the request's body, so it cannot pass for another trigger;
// whoever may invoke the function directly can, which is why consumers check
// buckets and names again.
//
// # Tolerance
//
// The formats belong to the platform and grow: unknown fields are ignored, and
// numbers are accepted where text is expected. A field that the project needs
// and that is missing makes an error that says which.
package events
