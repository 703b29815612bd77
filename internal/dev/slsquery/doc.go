// Package slsquery runs queries of Simple Log Service against log lines, for the tests that
// hold saved queries, the dashboard and alert rules to what the function logs. It is written
// from the vendor's description of searches and of SQL for logs, and knows the part of both
// that the project uses; anything else is an error, so that a query with a slip does not
// pass.
//
// A search matches words: a value matches a field if every word of it is one of the field's,
// in any case. A field without an index matches nothing, and is an error in SQL, as in the
// service.
package slsquery
