// Package index finds changes that ended without reading their records. Every record has
// a row: who requested what of which server, how it ended, and when. The rows are in the
// change bucket; package objects has their keys.
//
// # Rows
//
// Whoever writes a record writes its row, too, before the queue entry is deleted: the row
// follows from the record alone, so every worker writes the same one. Its key has the
// whole row, in at most 900 characters of base64. So one listing reads a thousand rows,
// and writing a row again changes nothing. Long texts are cut in a row; the record has
// them.
//
// # Parts
//
// The sweep merges rows into parts, and small parts into larger ones. A part is a
// create-only object with at most [PartRows] rows, the newest first. Its key has its time
// range and a hash of its content. What was merged is deleted after the new parts are
// there. A worker that dies in between leaves rows twice, and so do two that merge at
// once; none is lost. Two rows of one change are equal and sort side by side, so readers
// drop the second one.
//
// # Errors
//
// A part that cannot be read is reported and left out: it must not hide all others. Errors
// of the object store are returned. A listing may be stale: then rows that were merged a
// moment ago can be missing from a search, and a search that finds a part deleted begins
// again.
package index
