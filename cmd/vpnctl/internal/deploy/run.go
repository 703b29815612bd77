package deploy

import (
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Streams are those of a command.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// patience is how long a command may take to end after an interrupt.
const patience = 30 * time.Second

// Run runs a command with the variables of the file in its environment. Of the
// process's own environment it has everything else.
func (f *File) Run(ctx context.Context, command, environ []string, with Streams) error {
	c := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // the operator's own command
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = patience
	c.Stdin, c.Stdout, c.Stderr = with.In, with.Out, with.Err
	c.Env = slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		_, ours := setting(name)
		return ours
	})
	for _, s := range Settings() {
		c.Env = append(c.Env, s.Name+"="+f.values[s.Name])
	}
	return c.Run()
}
