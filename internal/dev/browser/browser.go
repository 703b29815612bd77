package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// ErrMissing says that there is no Chromium on this machine.
var ErrMissing = errors.New("no Chromium found (looked for chromium, chromium-browser, google-chrome): make browser installs it on Debian")

// Browser is a running Chromium. It is safe for concurrent use.
type Browser struct {
	cmd    *exec.Cmd
	dir    string
	to     *os.File
	exited chan struct{}

	mu      sync.Mutex
	next    int
	calls   map[int]chan message
	pages   map[string]*Page
	broken  error
	closing sync.Once
}

// message is one message of the DevTools protocol, either way.
type message struct {
	ID        int             `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    any             `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// Find returns the path of the browser, or ErrMissing.
func Find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrMissing
}

// Start starts a browser with a profile of its own. Close ends it.
func Start() (*Browser, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "browser-")
	if err != nil {
		return nil, err
	}
	b := &Browser{dir: dir, exited: make(chan struct{}), calls: map[int]chan message{}, pages: map[string]*Page{}}
	if err := b.start(path); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", path, err), os.RemoveAll(dir))
	}
	return b, nil
}

func (b *Browser) start(path string) error {
	theirs, ours, err := os.Pipe() // commands
	if err != nil {
		return err
	}
	from, answers, err := os.Pipe()
	if err != nil {
		return err
	}
	b.to = ours
	//nolint:gosec,noctx // the browser's path is looked up by fixed names; Close ends it
	b.cmd = exec.Command(path,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--disable-extensions", "--hide-scrollbars",
		"--font-render-hinting=none", "--user-data-dir="+b.dir, "--remote-debugging-pipe", "about:blank")
	b.cmd.ExtraFiles = []*os.File{theirs, answers} // its descriptors 3 and 4, as the switch says
	err = b.cmd.Start()
	_ = theirs.Close() // the browser has its own now
	_ = answers.Close()
	if err != nil {
		_ = ours.Close()
		_ = from.Close()
		return err
	}
	go b.read(from)
	return nil
}

// read distributes the browser's messages until it ends.
func (b *Browser) read(from *os.File) {
	in := bufio.NewReaderSize(from, 1<<20)
	for {
		data, err := in.ReadBytes(0)
		if err != nil {
			break
		}
		var m struct {
			message
			Params json.RawMessage `json:"params"`
		}
		if json.Unmarshal(data[:len(data)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		waiting, page := b.calls[m.ID], b.pages[m.SessionID]
		delete(b.calls, m.ID)
		b.mu.Unlock()
		switch {
		case waiting != nil:
			waiting <- m.message
		case page != nil:
			page.event(m.Method, m.Params)
		}
	}
	_ = from.Close()
	_ = b.cmd.Wait() // killed or closed: its exit code is meaningless
	b.mu.Lock()
	b.broken = errors.New("the browser has ended")
	b.mu.Unlock()
	close(b.exited)
}

// call calls a method and decodes its result into out.
func (b *Browser) call(ctx context.Context, session, method string, params, out any) error {
	answer := make(chan message, 1)
	b.mu.Lock()
	b.next++
	id := b.next
	b.calls[id] = answer
	data, err := json.Marshal(message{ID: id, SessionID: session, Method: method, Params: params})
	if err == nil && b.broken == nil {
		_, err = b.to.Write(append(data, 0))
	}
	err = errors.Join(err, b.broken)
	b.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			return fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		if out == nil {
			return nil
		}
		return json.Unmarshal(m.Result, out)
	case <-b.exited:
		return fmt.Errorf("%s: the browser has ended", method)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() error {
	var err error
	b.closing.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = b.call(ctx, "", "Browser.close", nil, nil) // if it has ended, writing to the pipe fails
		_ = b.to.Close()
		select {
		case <-b.exited:
		case <-ctx.Done():
			_ = b.cmd.Process.Kill()
			<-b.exited
		}
		// Helper processes may still write a file, which makes a removal fail.
		for range 20 {
			if err = os.RemoveAll(b.dir); err == nil || !strings.Contains(err.Error(), "not empty") {
				return
			}
		}
	})
	return err
}
