// Command figures measures the figures that the documentation quotes and writes
// them to a file, each with its command, date, commit and machine.
//
//	go run ./internal/dev/figures          measure the quick and the normal figures
//	go run ./internal/dev/figures -long    measure the long ones, too (about an hour)
//	go run ./internal/dev/figures -check   measure the quick ones and compare them
//
// Without -long the file's long figures keep their values and dates. -check
// writes nothing; it fails if a ratio or a count is worse than in the file by
// more than the figure's margin. Times are never compared: they depend on the
// machine. A test compares the pages with the file.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"time"
)

func main() {
	long := flag.Bool("long", false, "measure the long figures, too")
	check := flag.Bool("check", false, "compare the quick figures with the file")
	only := flag.String("only", "", "run only the commands that contain this text")
	file := flag.String("file", "docs/figures.json", "where the figures are")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, *file, options{long: *long, check: *check, only: *only})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

type options struct {
	long, check bool
	only        string
}

// takes reports whether a source is to be run.
func (o options) takes(s source) bool {
	switch {
	case !strings.Contains(s.command, o.only):
		return false
	case o.check:
		return s.cost == quick
	default:
		return s.cost != long || o.long
	}
}

func run(ctx context.Context, out io.Writer, path string, o options) error {
	figures, err := load(path)
	if err != nil && (o.check || !errors.Is(err, os.ErrNotExist)) {
		return err
	}
	commit, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return fmt.Errorf("git rev-parse: %w", err)
	}
	stamp := figure{
		Date: time.Now().UTC().Format(time.DateOnly), Commit: strings.TrimSpace(string(commit)),
		Machine: fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
	}
	var errs []error
	for _, s := range sources() {
		if !o.takes(s) {
			continue
		}
		_, _ = fmt.Fprintln(out, s.command)
		text, err := exec.CommandContext(ctx, "bash", "-c", s.command).CombinedOutput() //nolint:gosec // G204: the commands are constants
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w\n%.2000s", s.command, err, text))
			continue
		}
		for _, q := range s.quantities {
			value, err := q.read(string(text))
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", s.command, err))
				continue
			}
			_, _ = fmt.Fprintf(out, "  %-28s %s %s\n", q.name, number(value), q.unit)
			if o.check {
				errs = append(errs, q.compare(figures[q.name], value))
				continue
			}
			f := stamp
			f.Command, f.Value, f.Unit = s.command, value, q.unit
			figures[q.name] = f
		}
	}
	if !o.check {
		errs = append(errs, save(path, figures))
	}
	return errors.Join(errs...)
}

// figure is one measured value as it is stored in the file.
type figure struct {
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Command string  `json:"command"`
	Date    string  `json:"date"`
	Commit  string  `json:"commit"`
	Machine string  `json:"machine"`
}

// load reads the file's figures by name; none if there is no file.
func load(path string) (map[string]figure, error) {
	figures := map[string]figure{}
	data, err := os.ReadFile(path) //nolint:gosec // G304: the file is the caller's
	if err != nil {
		return figures, err
	}
	if err := json.Unmarshal(data, &figures); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return figures, nil
}

func save(path string, figures map[string]figure) error {
	data, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644) //nolint:gosec // G306: a page of the documentation
}
