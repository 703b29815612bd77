package vpc

import (
	"time"
)

// Call is a request that the emulator received.
type Call struct {
	At            time.Time         `json:"at"`
	Action        string            `json:"action"`
	Params        map[string]string `json:"params"`
	SecurityToken string            `json:"securityToken,omitempty"` // as sent; the emulator's keys are no secrets
	Nonce         string            `json:"nonce"`
	RequestID     string            `json:"requestId"`
	Code          string            `json:"code,omitempty"`  // the refusal; "" for success
	Fault         FaultKind         `json:"fault,omitempty"` // the fault that applied
	Effective     bool              `json:"effective,omitempty"`
	Replay        bool              `json:"replay,omitempty"`
}

// maxCalls bounds the log; the counters are not bounded.
const maxCalls = 1000

type callLog struct {
	calls     []Call
	counts    map[string]int
	effective int
	changed   int
}

// entry is the public form of a call.
func entry(c *call, out outcome) Call {
	e := Call{
		At: c.at, Action: c.action, Params: map[string]string{}, SecurityToken: c.token, Nonce: c.nonce,
		RequestID: c.requestID, Fault: c.fault, Effective: out.effective, Replay: out.replay,
	}
	for name := range c.params {
		e.Params[name] = c.params.Get(name)
	}
	if out.err != nil {
		e.Code = out.err.code
	}
	return e
}

func (l *callLog) add(c *call, out outcome) {
	l.counts[c.action]++
	if out.effective {
		l.effective++
	}
	if out.changed {
		l.changed++
	}
	if len(l.calls) == maxCalls {
		l.calls = append(l.calls[:0:0], l.calls[maxCalls/10:]...)
	}
	l.calls = append(l.calls, entry(c, out))
}

// Calls returns the last calls of one action in the order they were carried
// out, "" for all.
func (e *Emulator) Calls(action string) []Call {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Call
	for _, c := range e.log.calls {
		if action == "" || c.Action == action {
			out = append(out, c)
		}
	}
	return out
}
