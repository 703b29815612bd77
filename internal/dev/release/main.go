package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	if len(args) == 0 {
		return errors.New("say what to do: stamp, make or check")
	}
	flags := flag.NewFlagSet("release "+args[0], flag.ContinueOnError)
	dir := flags.String("dir", ".", "the root of the module")
	version := flags.String("version", "", "the version, such as v0.1.0; default: that of the commit")
	to := flags.String("out", "dist/release", "the folder to write")
	snapshot := flags.Bool("snapshot", false, "also of a commit without a tag")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	src, err := readSource(ctx, *dir, *version)
	if err != nil {
		return err
	}
	switch args[0] {
	case "stamp":
		_, err = fmt.Fprintln(out, src.stamp())
		return err
	case "make":
		if err := src.releasable(*snapshot); err != nil {
			return err
		}
		return makeRelease(ctx, out, src, *to)
	case "check":
		return check(ctx, out, src)
	default:
		return fmt.Errorf("%q is not known: stamp, make or check", args[0])
	}
}
