// Package folder is the folder in which a local cloud keeps its state.
//
// A folder has a mark with the version of its form, which is checked before anything
// is read: a mark that is newer or damaged is an error, and nothing is changed. One
// process at a time uses a folder.
package folder
