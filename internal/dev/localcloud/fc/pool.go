package fc

import "slices"

// initialize sends the initializer invocation that a new instance gets before
// its first handler call. One that fails is sent again with the next
// invocation, until it succeeds.
func (e *Emulator) initialize(i *instance, r request) outcome {
	if !e.opts.Initializer || i.ready {
		return outcome{}
	}
	r.payload = nil
	out := i.run(newDelivery(r, typeInitializer), func() {})
	i.ready = out.err == nil
	return out
}

// acquire waits for a free slot and returns an idle instance, or starts one.
func (e *Emulator) acquire() (*instance, bool, error) {
	select {
	case e.slots <- struct{}{}:
	case <-e.done:
		return nil, false, ErrClosed
	}
	if i := e.takeIdle(); i != nil {
		return i, false, nil
	}
	i, err := e.start()
	if err != nil {
		<-e.slots
		return nil, false, err
	}
	return i, true, nil
}

func (e *Emulator) takeIdle() *instance {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.idle) > 0 {
		i := e.idle[len(e.idle)-1]
		e.idle = e.idle[:len(e.idle)-1]
		if i.alive() {
			return i
		}
	}
	return nil
}

// start runs a new instance.
func (e *Emulator) start() (*instance, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	e.number++
	i, err := startInstance(&e.opts, e.number)
	if err != nil {
		return nil, err
	}
	e.live = append(e.live, i)
	e.work.Add(1)
	go e.forget(i)
	return i, nil
}

// forget removes an instance when its process has ended.
func (e *Emulator) forget(i *instance) {
	defer e.work.Done()
	<-i.exited
	e.mu.Lock()
	defer e.mu.Unlock()
	same := func(o *instance) bool { return o == i }
	e.live = slices.DeleteFunc(e.live, same)
	e.idle = slices.DeleteFunc(e.idle, same)
}

// release makes the instance idle, and freezes it with Options.FreezeIdle.
func (e *Emulator) release(i *instance) {
	defer func() { <-e.slots }()
	if e.opts.FreezeIdle && i.alive() {
		if err := i.freeze(true); err != nil {
			i.log.Warn("cannot freeze", "error", err.Error())
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if i.alive() && !e.closed {
		e.idle = append(e.idle, i)
	}
}
