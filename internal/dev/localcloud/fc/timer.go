package fc

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Timer is a timer trigger that ticks by itself.
type Timer struct {
	Name    string
	Every   time.Duration // 0: only by Tick
	Payload string
}

func checkTimers(timers []Timer) error {
	var errs []error
	seen := map[string]bool{}
	for _, t := range timers {
		switch {
		case t.Name == "":
			errs = append(errs, errors.New("a timer trigger has no name"))
		case seen[t.Name]:
			errs = append(errs, fmt.Errorf("two timer triggers are named %q", t.Name))
		case t.Every < 0:
			errs = append(errs, fmt.Errorf("timer trigger %q has the negative interval %s", t.Name, t.Every))
		}
		seen[t.Name] = true
	}
	return errors.Join(errs...)
}

// Tick fires a timer trigger by hand, whether or not one of that name ticks by
// itself. The payload is always a string (SDK events/timer.go). It returns the
// request id.
func (e *Emulator) Tick(name, payload string) (string, error) {
	event, err := json.Marshal(map[string]string{
		"triggerTime": time.Now().UTC().Format(time.RFC3339),
		"triggerName": name,
		"payload":     payload,
	})
	if err != nil {
		return "", fmt.Errorf("render the timer event: %w", err)
	}
	return e.enqueue("timer:"+name, event)
}

// tickEvery fires one trigger until Close.
func (e *Emulator) tickEvery(t Timer) {
	defer e.work.Done()
	if t.Every == 0 {
		return
	}
	ticker := time.NewTicker(t.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if e.silent(t.Name) {
				continue
			}
			if _, err := e.Tick(t.Name, t.Payload); err != nil {
				e.opts.Logger.Warn("timer trigger did not fire", "trigger", t.Name, "error", err.Error())
			}
		case <-e.done:
			return
		}
	}
}
