package fc

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// instance is one process of the function and its runtime API.
type instance struct {
	id      string
	opts    *Options
	log     *slog.Logger
	cmd     *exec.Cmd
	output  *output
	work    chan *delivery
	exited  chan struct{} // closed when the process is gone and its port closed
	exitErr error         // how it ended; read after exited

	mu      sync.Mutex
	current *delivery
	frozen  bool

	ready bool // the initializer ran; used by the goroutine that acquired the instance
}

// startInstance starts a process and gives it a port of its own.
//

func startInstance(opts *Options, number int) (*instance, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("open a runtime API port: %w", err)
	}
	i := &instance{
		id: fmt.Sprintf("c-%04d", number), opts: opts,
		work: make(chan *delivery), exited: make(chan struct{}),
	}
	i.log = opts.Logger.With("instance", i.id)
	i.output = newOutput(func(stream, text string) {
		opts.Output(Line{Instance: i.id, RequestID: i.requestID(), Stream: stream, Text: text})
	})
	// No context: a process outlives the invocation that it was started for.
	i.cmd = &exec.Cmd{Path: opts.Command[0], Args: opts.Command, Dir: opts.Dir}
	i.cmd.Env = i.environment(listener.Addr().String())
	i.cmd.Stdout, i.cmd.Stderr = i.output.stream("stdout"), i.output.stream("stderr")
	i.cmd.WaitDelay = time.Second // a grandchild may keep the pipes open
	ownGroup(i.cmd)
	if err := i.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the function: %w", err), listener.Close())
	}
	server := &http.Server{Handler: i.runtimeAPI(), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // ends by Close below
	}()
	go i.reap(server, served)
	return i, nil
}

// reap waits for the process, and only then closes its port.
func (i *instance) reap(server *http.Server, served <-chan struct{}) {
	err := i.cmd.Wait()
	i.output.flush()
	_ = server.Close()
	<-served
	i.exitErr = err
	close(i.exited)
}

// environment is what the platform gives a go1 function (vendor page
// "Environment variables"). Nothing of the emulator's own environment is passed
// on: the function must not depend on the machine.
func (i *instance) environment(api string) []string {
	o := i.opts
	return append([]string{
		"PATH=/usr/local/bin:/usr/bin:/bin",
		"HOME=/tmp",
		"FC_RUNTIME_API=" + api,
		"FC_FUNC_CODE_PATH=/code",
		"FC_FUNCTION_NAME=" + o.FunctionName,
		"FC_FUNCTION_HANDLER=main",
		"FC_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(o.MemoryMB),
		"FC_REGION=" + o.Region,
		"FC_ACCOUNT_ID=" + o.AccountID,
		"FC_INSTANCE_ID=" + i.id,
		"FC_QUALIFIER=LATEST",
		"ALIBABA_CLOUD_ACCESS_KEY_ID=" + o.Credentials.AccessKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + o.Credentials.AccessKeySecret,
		"ALIBABA_CLOUD_SECURITY_TOKEN=" + o.Credentials.SecurityToken,
	}, o.Env...)
}

// run gives the instance one delivery and waits for its end, at most until the
// deadline. After a kill the instance cannot be used again.
func (i *instance) run(d *delivery, began func()) outcome {
	i.setBusy(d)
	defer i.setBusy(nil)
	_ = i.freeze(false)

	start := time.NewTimer(i.opts.StartTimeout)
	defer start.Stop()
	select {
	case i.work <- d:
	case <-i.exited:
		return d.failure(NoStart, "the function's process ended before it polled for work (%s)%s", i.exitText(), i.output.tail())
	case <-start.C:
		i.kill()
		<-i.exited
		return d.failure(NoStart, "the function's process did not poll for work within %s%s", i.opts.StartTimeout, i.output.tail())
	}
	begun := <-d.begun
	began()
	deadline := time.NewTimer(time.Until(begun.Add(i.opts.Timeout)))
	defer deadline.Stop()
	select {
	case out := <-d.done:
		return out
	case <-i.exited:
		select {
		case out := <-d.done: // it answered, then ended
			return out
		default:
		}
		return d.failure(Exited, "process exited unexpectedly before completing request (%s)", i.exitText())
	case <-deadline.C:
		i.kill()
		<-i.exited
		return d.failure(TimedOut, "function timed out after %s", i.opts.Timeout)
	}
}

// alive reports whether the process has not ended.
func (i *instance) alive() bool {
	select {
	case <-i.exited:
		return false
	default:
		return true
	}
}

// kill ends the process and its group with SIGKILL, frozen or not.
func (i *instance) kill() {
	if i.alive() {
		killGroup(i.cmd)
	}
}

// freeze stops the process, or continues it.
func (i *instance) freeze(on bool) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.frozen == on {
		return nil
	}
	if err := freezeGroup(i.cmd, on); err != nil {
		return fmt.Errorf("freeze instance %s: %w", i.id, err)
	}
	i.frozen = on
	return nil
}

func (i *instance) setBusy(d *delivery) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.current = d
}

func (i *instance) busyWith() *delivery {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.current
}

func (i *instance) requestID() string {
	if d := i.busyWith(); d != nil {
		return d.id
	}
	return ""
}

// exitText says how the process ended; call it after exited.
func (i *instance) exitText() string {
	if i.exitErr == nil {
		return "exit status 0"
	}
	return i.exitErr.Error()
}
