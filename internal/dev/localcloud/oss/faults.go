package oss

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind is a way to misbehave.
type FaultKind string

// The faults. "Before" and "after" are about the request's effect.
const (
	ServiceUnavailable FaultKind = "service-unavailable" // 503, no effect
	Throttled          FaultKind = "throttled"           // 503 PartitionQpsLimitted, no effect
	InternalError      FaultKind = "internal-error"      // 500, no effect
	BadGateway         FaultKind = "bad-gateway"         // 502 with an HTML page, no effect
	BadGatewayAfter    FaultKind = "bad-gateway-after"   // 502 with an HTML page, effect done
	TokenExpired       FaultKind = "token-expired"       // 403 SecurityTokenExpired
	AccessDenied       FaultKind = "access-denied"       // 403 AccessDenied
	ClockSkewed        FaultKind = "clock-skewed"        // 403 RequestTimeTooSkewed
	HangBefore         FaultKind = "hang"                // no effect, no answer until the client disconnects or ClearFaults
	HangAfter          FaultKind = "hang-after"          // effect done, no answer either
	DropBefore         FaultKind = "drop-before"         // connection cut, no effect
	DropAfter          FaultKind = "drop-after"          // effect done, connection cut: a lost answer
	Truncated          FaultKind = "truncated"           // half of the body, then cut
	WrongCRC           FaultKind = "wrong-crc"           // effect done, x-oss-hash-crc64ecma of something else
	StaleList          FaultKind = "stale-list"          // a listing without the newest changes
	CloseIdle          FaultKind = "close-idle"          // a good answer, then the kept connection is closed unannounced
)

func faultKinds() []FaultKind {
	return []FaultKind{
		ServiceUnavailable, Throttled, InternalError, BadGateway, BadGatewayAfter, TokenExpired, AccessDenied, ClockSkewed,
		HangBefore, HangAfter, DropBefore, DropAfter, Truncated, WrongCRC, StaleList, CloseIdle,
	}
}

// Fault disturbs requests that match it. Of several that match, the one added
// first applies.
type Fault struct {
	Kind      FaultKind `json:"kind"`
	Op        string    `json:"op,omitempty"` // as in Request; "" for any
	Bucket    string    `json:"bucket,omitempty"`
	KeyPrefix string    `json:"keyPrefix,omitempty"` // of the key, or of a listing's prefix
	Skip      int       `json:"skip,omitempty"`      // matching requests to let pass first
	Times     int       `json:"times,omitempty"`     // requests to disturb: 0 for one, negative for all
	// For StaleList: changes younger than AgeSeconds by the server's clock, and
	// the last Last changes below the listed prefix, are left out. Both 0 leave
	// out the last change.
	AgeSeconds int `json:"ageSeconds,omitempty"`
	Last       int `json:"last,omitempty"`

	release chan struct{} // closed by ClearFaults
}

// Inject adds a fault.
func (e *Emulator) Inject(f Fault) error {
	if !slices.Contains(faultKinds(), f.Kind) {
		return fmt.Errorf("OSS emulator: no fault %q; there are %v", f.Kind, faultKinds())
	}
	if f.Kind == StaleList && f.AgeSeconds == 0 && f.Last == 0 {
		f.Last = 1
	}
	if f.Times == 0 {
		f.Times = 1
	}
	f.release = make(chan struct{})
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, &f)
	return nil
}

// ClearFaults removes all faults and cuts the connections of requests that hang.
func (e *Emulator) ClearFaults() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, f := range e.faults {
		close(f.release)
	}
	e.faults = nil
}

// Faults returns the faults that have not applied yet.
func (e *Emulator) Faults() []Fault {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Fault
	for _, f := range e.faults {
		if f.Times != 0 {
			out = append(out, *f)
		}
	}
	return out
}

// takeFault returns the fault that applies to a request, the zero Fault for none.
// Used faults stay in the list for ClearFaults to release.
func (e *Emulator) takeFault(t target) Fault {
	subject := t.key
	if subject == "" {
		subject = t.query.Get("prefix") // a listing is about its prefix
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, f := range e.faults {
		if f.Times == 0 || f.Op != "" && f.Op != t.op || f.Bucket != "" && f.Bucket != t.bucket ||
			!strings.HasPrefix(subject, f.KeyPrefix) || f.Kind == StaleList && !strings.HasPrefix(t.op, "List") {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		return *f
	}
	return Fault{}
}

// spoilBefore applies faults that come before the effect.
func (e *Emulator) spoilBefore(wk *work, q Request) {
	switch wk.fault.Kind { //nolint:exhaustive // the others act elsewhere
	case HangBefore:
		e.note(q)
		e.hang(wk)
	case DropBefore:
		e.note(q)
		panic(http.ErrAbortHandler) // net/http's way to cut the connection
	}
}

func (e *Emulator) hang(wk *work) {
	select {
	case <-wk.r.Context().Done():
	case <-wk.fault.release:
	case <-e.quit:
	}
	panic(http.ErrAbortHandler)
}

// spoilError returns the error answers.
func spoilError(f Fault) *apiError {
	switch f.Kind { //nolint:exhaustive // the others act elsewhere
	case ServiceUnavailable:
		return fault(503, "ServiceUnavailable", "", "Please reduce your request rate.")
	case Throttled:
		return fault(503, "PartitionQpsLimitted", "0026-00000028", "Query-per-second limit is exceeded.")
	case InternalError:
		return fault(500, "InternalError", "", "Please contact the server administrator, oss@service.aliyun.com.")
	case BadGateway:
		return fault(502, "", "", "") // its body is replaced at the end
	case TokenExpired:
		return errTokenExpired()
	case AccessDenied:
		return fault(403, "AccessDenied", "", "You have no right to access this object because of bucket acl.")
	case ClockSkewed:
		return errSkewed()
	}
	return nil
}

// past is what a stale listing does not show.
func (f Fault) past() past {
	if f.Kind != StaleList {
		return past{}
	}
	return past{age: time.Duration(f.AgeSeconds) * time.Second, last: f.Last}
}

// finish sends the answer, or what a fault leaves of it.
func (e *Emulator) finish(w http.ResponseWriter, wk *work, rep *reply) {
	method := wk.r.Method
	switch wk.fault.Kind { //nolint:exhaustive // the others acted before
	case HangAfter:
		e.hang(wk)
	case DropAfter:
		panic(http.ErrAbortHandler)
	case BadGateway, BadGatewayAfter:
		rep = newReply(http.StatusBadGateway)
		rep.header.Set("Content-Type", "text/html")
		rep.body = []byte("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>")
	case Truncated:
		send(w, method, rep, len(rep.body)/2)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case WrongCRC:
		rep.header.Set("X-Oss-Hash-Crc64ecma", "1")
	case CloseIdle:
		closeAfter(w, method, rep)
		return
	}
	send(w, method, rep, len(rep.body))
}

// closeAfter answers as if the connection would be kept, and closes it.
func closeAfter(w http.ResponseWriter, method string, rep *reply) {
	conn, out, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = conn.Close() }()
	length := int64(len(rep.body))
	if method == http.MethodHead {
		length = rep.length
	}
	rep.header.Set("Content-Length", strconv.FormatInt(length, 10))
	_, _ = fmt.Fprintf(out, "HTTP/1.1 %d %s\r\n", rep.status, http.StatusText(rep.status))
	_ = rep.header.Write(out)
	_, _ = out.WriteString("\r\n")
	if method != http.MethodHead {
		_, _ = out.Write(rep.body)
	}
	_ = out.Flush()
}
