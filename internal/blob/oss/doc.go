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
// included. By default the SDK never retries, does not compare checksums on
// reads, reads error bodies without a bound and requests compressed answers,
// which have no ETag; this package does these things itself.
//
// # Retries
//
// After a temporary failure (a broken connection, 5xx, throttling) a request is
// repeated, up to three sends in all, with full jitter. A wait that would end
// after the context's deadline is not begun: the failure is returned instead.
// After a freeze of the instance a kept connection is dead; the transport
// repeats such a request once on a new connection, writes included.
//
// # Create
//
// x-oss-forbid-overwrite is the only create-only primitive of OSS. After a
// request was repeated, by the loop here or by the transport, "exists already"
// may mean this call's own write, so the object is read back and compared. After
// a single send it means that another writer was first.
//
// # Concurrency
//
// Connector and Store are safe for concurrent use.
package oss
