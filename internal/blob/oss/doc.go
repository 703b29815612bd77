// Package oss is the object store of package blob on Alibaba Cloud OSS. It is
// the only package that knows the OSS SDK.
//
// A Connector lives as long as the instance and owns the connections; a Store
// is one bucket with one invocation's credentials and costs nothing to make.
//
// # What the SDK is used for
//
// The SDK (aliyun-oss-go-sdk v1) signs requests, builds their addresses and
// reads error documents. Everything goes through Bucket.Do, the one call of
// the SDK that honors a context for every request, the bucket-level ones
// included. Left to itself the SDK never retries, does not compare checksums on
// reads, reads error bodies without bound and asks for compressed answers,
// which lose their ETag; this package does those things its own way.
//
// # Retries
//
// A failure that time may heal (a broken connection, 5xx, throttling) is tried
// again, three times in all, with full jitter. A wait that would cross the
// context's deadline is not begun: the failure is returned instead. After a
// freeze of the instance a kept connection is dead; the transport replays such
// a request once on a new connection, writes included.
//
// # Create
//
// x-oss-forbid-overwrite is the only create-only primitive of OSS. Once a
// request has been repeated, by the loop here or by the transport, "exists
// already" may mean this call's own write, so the object is read back and
// compared. A first and only attempt that is told so has lost.
//
// # Concurrency
//
// Connector and Store are safe for concurrent use.
package oss
