// Package listing describes the list of changes: which wait, and how others ended. It
// has the query, the filter, the page and the cursor, and does no I/O.
//
// One query is behind GET /v1/changes, the commands status and history, and vpnctl
// list. Its JSON is public: docs/list.md describes it. Fields may be added; a name, a
// type or a meaning never changes.
package listing
