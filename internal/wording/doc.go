// Package wording words the results of commands and the outcomes of changes, in
// English and Chinese, as texts that every chat platform can render.
//
// The function's own phrases come from one catalogue with both languages side by
// side. Everything else in a text (ids, names, values, reasons, messages of the
// API) is an argument that platforms show verbatim, so that it can neither
// mention, link nor format anything.
//
// The messages and hints of rules exist in English only, because files, HTTP and
// records show them. A Chinese text is in Chinese alone: what an English sentence names
// is read out of it, and put into the Chinese one. The API's own messages are quoted. A
// test reads all rules, messages, hints and reasons to wait from the code of the packages
// that write them, and fails where one has no Chinese text.
package wording
