// Command release makes a release from a commit, and says which version a build has.
// "make release", "make release-check" and "make build" run it; docs/releasing.md
// describes a release for those who make and verify one.
//
//	release stamp                          print version@commit, for the linker
//	release make -out dist/release         make the files of the tag at HEAD
//	release make -version v0.1.0-rc.1 -snapshot
//	release check                          make them twice in two folders, and compare
//
// # Reproducible
//
// What is made depends on the source files, the version, the commit and the Go
// toolchain alone: not on folders, clocks, the machine, or whether the source is a clone
// or an archive without Git's data. Times in archives and in the bill of materials are
// that of the commit, and its serial number is a hash of what it describes.
package main
