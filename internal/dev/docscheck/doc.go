// Package docscheck compares the documentation with the code. It has tests only:
//
//   - the pages of errors have every code that a user can see, those of records every
//     field of a record, docs/operating.md every warning and error of the log;
//   - the README has every variable, the pages of commands every verb and key;
//   - docs/architecture.md names every package, and every name on it exists;
//   - pages in English and Chinese have the same headings, codes and commands;
//   - links lead to existing files and headings;
//   - pages and code use the terms of the glossary.
package docscheck
