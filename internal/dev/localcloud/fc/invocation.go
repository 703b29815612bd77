package fc

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Errors of the emulator itself.
var (
	ErrClosed          = errors.New("function compute emulator is closed")
	ErrPayloadTooLarge = errors.New("payload is larger than the platform takes")
)

// FunctionError is how an invocation failed. It marshals to the JSON that the
// platform gives to callers.
type FunctionError struct {
	Kind       ErrorKind       `json:"-"`
	RequestID  string          `json:"-"`
	Message    string          `json:"errorMessage"`
	Type       string          `json:"errorType,omitempty"`
	StackTrace json.RawMessage `json:"stackTrace,omitempty"`
}

// Error names the kind and the message.
func (e *FunctionError) Error() string { return string(e.Kind) + ": " + e.Message }

// ErrorKind is the way in which an invocation failed.
type ErrorKind string

// The kinds of function errors.
const (
	Handled   ErrorKind = "HandledInvocationError"   // the handler returned an error
	Unhandled ErrorKind = "UnhandledInvocationError" // a panic
	Exited    ErrorKind = "FunctionExited"           // the process ended
	NoStart   ErrorKind = "FunctionNotStarted"       // the process never polled for work
	TimedOut  ErrorKind = "FunctionTimedOut"         // killed at the deadline
	TooLarge  ErrorKind = "ResponseSizeExceeded"     // the answer was refused
)

// Result is what a successful invocation answered.
type Result struct {
	RequestID string
	Body      []byte // the JSON that the handler returned
	Instance  string
	ColdStart bool // the invocation had to wait for a new process
	Duration  time.Duration
}

// Invocation describes one attempt, for hooks and displays.
type Invocation struct {
	RequestID  string
	Source     string // "http", "oss:<trigger>", "timer:<trigger>" or "direct"
	Instance   string
	PID        int
	RetryCount int // 0 for the first attempt
	Async      bool
	ColdStart  bool
	StartedAt  time.Time
	Duration   time.Duration // zero in Began
	Err        error         // nil in Began, and on success
}

// request is work for the function, whatever the attempt.
type request struct {
	id      string
	source  string
	payload []byte
	async   bool
	retry   int
}

// newRequestID makes an id of the platform's form: 1-<seconds>-<random>.
func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return fmt.Sprintf("1-%08x-%s", time.Now().Unix(), hex.EncodeToString(b[:]))
}

// The values of x-fc-function-type.
const (
	typeInvoke      = 0
	typeInitializer = 1
	typePreStop     = 2
)

// delivery is one request on its way through one instance.
type delivery struct {
	request

	functionType int
	begun        chan time.Time // the instance got the work; capacity 1
	done         chan outcome   // the instance answered; capacity 1
	once         sync.Once
}

// outcome is what an instance posted.
type outcome struct {
	body []byte
	err  *FunctionError
}

func newDelivery(r request, functionType int) *delivery {
	return &delivery{
		request: r, functionType: functionType,
		begun: make(chan time.Time, 1), done: make(chan outcome, 1),
	}
}

// finish sets the outcome of the delivery; only the first call counts.
func (d *delivery) finish(out outcome) {
	d.once.Do(func() { d.done <- out })
}

// failure makes an outcome of an error that the emulator found.
func (d *delivery) failure(kind ErrorKind, format string, args ...any) outcome {
	return outcome{err: &FunctionError{Kind: kind, RequestID: d.id, Message: fmt.Sprintf(format, args...), Type: string(kind)}}
}
