// Command testreport reads what "go test -json" writes and prints one line for
// each package as it finishes, the output of what failed, and the packages that
// are still running when nothing has finished for a while. It reports; the exit
// status of go test itself says whether the tests passed.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(1)
	}
}

// quiet is how long nothing may be printed before the running packages are.
const quiet = 20 * time.Second

func run() error {
	lines := make(chan []byte)
	failed := make(chan error, 1)
	go func() {
		defer close(lines)
		in := bufio.NewScanner(os.Stdin)
		in.Buffer(nil, maxLine)
		for in.Scan() {
			lines <- append([]byte(nil), in.Bytes()...)
		}
		failed <- in.Err()
	}()
	r := newReport(os.Stdout, time.Now)
	ticker := time.NewTicker(quiet)
	defer ticker.Stop()
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				r.end()
				return <-failed
			}
			if r.event(line) {
				ticker.Reset(quiet)
			}
		case <-ticker.C:
			r.progress()
		}
	}
}

// maxLine bounds one line of the input: 16 MiB.
const maxLine = 16 << 20
