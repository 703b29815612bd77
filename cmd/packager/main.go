// Command packager puts the function's binary into the zip that Function
// Compute runs.
//
//	packager -in dist/main -out dist/sslvpn-change.zip
//
// The zip depends on the binary only: the same binary makes the same zip, byte for
// byte, so a tool that compares checksums uploads nothing if nothing has changed.
// The binary's mode is always 0755: packed with the mode of a file system without
// execute bits, it would not start.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	in := flag.String("in", "dist/main", "the binary")
	out := flag.String("out", "dist/sslvpn-change.zip", "the zip to write")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, "packager:", err)
		os.Exit(1)
	}
}
