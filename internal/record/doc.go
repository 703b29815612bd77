// Package record writes how things ended: a record for every change, a receipt
// for every change file, a notice for every change whose end somebody in chat
// waited for. All are written once and never touched again.
//
// # Keys
//
// results/<yyyy>/<mm>/<dd>/<id>.json for records, the date being the id's;
// results/<yyyy>/<mm>/<dd>/<id>.notice.json for notices;
// receipts/<path>@<Last-Modified>-<eTag>.json for receipts. A key follows from
// what it is about, so writing one again finds the first one there, which
// stands: that is success, not an error.
//
// # Form
//
// The JSON is public (docs/record.md, docs/schema): fields may be added, none
// is renamed or removed under the same schema name.
package record
