// Package oss is an OSS server for this machine: a bucket is a folder, an
// object is a file in it, and copying a file into the folder is an upload.
//
// The production client is tested against it, and the function runs with it, over
// real HTTP. It implements create-only writes and what breaks them, conditions,
// listings, clocks, and every way in which an answer can get lost.
//
// # Fidelity
//
// Comments say where a behavior comes from. Documented: OSS's API reference.
// Observed: seen on the real service, as reported in public issue threads. Own
// choice: neither; chosen here. Operations that the emulator does not have
// (symbolic links, image processing, the configuration of buckets and the rest) are
// refused with 501 NotImplemented. Objects of archive classes cannot be read, and cannot be
// restored. Headers about encryption and ACL are accepted and have no effect.
//
// # Files
//
// Object k of bucket b is <dir>/b/k. Ordinary keys are plain paths. A key that
// no file system could hold, or that would collide, is escaped:
//
//   - %, control characters and \ become %XX, as do a leading dot and a
//     trailing ~, because files with such names are ignored (editors make them);
//   - an empty path element becomes %!, and a %! at the end of a name is ignored:
//     a file has it where a folder has the name;
//   - an element longer than 200 bytes continues below a folder ending in %+.
//
// Everything but the content (metadata, Last-Modified, the versioning flag) is
// under <dir>/.oss. Deleting all of <dir> is safe while the emulator does not
// run.
//
// A file that the API did not write is uploaded when two scans found it with the
// same size and time; saving it again, even unchanged, is a new upload. Removing a file deletes the object.
//
// # Concurrency
//
// An Emulator is safe for concurrent use. One directory belongs to one
// Emulator at a time.
package oss
