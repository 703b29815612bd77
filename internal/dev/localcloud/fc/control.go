package fc

import "fmt"

// Instance is a process as it is now.
type Instance struct {
	ID        string `json:"id"`
	PID       int    `json:"pid"`
	RequestID string `json:"requestId,omitempty"` // of the invocation at work; "" when idle
	Frozen    bool   `json:"frozen"`
}

// Instances lists the living processes, oldest first.
func (e *Emulator) Instances() []Instance {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]Instance, 0, len(e.live))
	for _, i := range e.live {
		i.mu.Lock()
		frozen := i.frozen
		i.mu.Unlock()
		out = append(out, Instance{ID: i.id, PID: i.cmd.Process.Pid, RequestID: i.requestID(), Frozen: frozen})
	}
	return out
}

// Kill ends a process as kill -9 does and returns when it is gone. The
// invocation at work fails with Exited, and is tried again if it was
// asynchronous.
func (e *Emulator) Kill(instance string) error {
	i, err := e.find(instance)
	if err != nil {
		return err
	}
	i.kill()
	<-i.exited
	return nil
}

// KillAll ends every process as Kill does and returns how many there were.
func (e *Emulator) KillAll() int {
	all := e.Instances()
	n := 0
	for _, i := range all {
		if e.Kill(i.ID) == nil {
			n++
		}
	}
	return n
}

// Freeze stops a process (SIGSTOP). Its invocation's deadline still applies.
func (e *Emulator) Freeze(instance string) error {
	i, err := e.find(instance)
	if err != nil {
		return err
	}
	return i.freeze(true)
}

// Thaw continues a frozen process (SIGCONT).
func (e *Emulator) Thaw(instance string) error {
	i, err := e.find(instance)
	if err != nil {
		return err
	}
	return i.freeze(false)
}

func (e *Emulator) find(id string) (*instance, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, i := range e.live {
		if i.id == id {
			return i, nil
		}
	}
	return nil, fmt.Errorf("no instance %q is running", id)
}
