package vpc

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// FaultKind is one way to misbehave.
type FaultKind string

// The faults. All apply after the request was authenticated, so that none hides a
// wrong signature.
const (
	// FaultThrottle refuses with Throttling.User and the hint of Fault.Hint.
	FaultThrottle FaultKind = "throttle"
	// FaultError refuses with Fault.Status, Fault.Code and Fault.Message.
	FaultError FaultKind = "error"
	// FaultXMLError does the same in XML, whatever format was requested.
	FaultXMLError FaultKind = "xml-error"
	// FaultExpiredToken refuses with InvalidSecurityToken.Expired.
	FaultExpiredToken FaultKind = "expired-token"
	// FaultHTML answers Fault.Status (0 means 502) with a proxy's HTML page.
	FaultHTML FaultKind = "html"
	// FaultNumericCode answers 502 with a JSON error whose Code is a number.
	FaultNumericCode FaultKind = "numeric-code"
	// FaultEmpty answers 200 with nothing.
	FaultEmpty FaultKind = "empty"
	// FaultTruncated answers 200 with the first half of the reply.
	FaultTruncated FaultKind = "truncated"
	// FaultRedirect answers 302 to Fault.Message.
	FaultRedirect FaultKind = "redirect"
	// FaultHang answers nothing until the client disconnects.
	FaultHang FaultKind = "hang"
	// FaultReset closes the connection without an answer.
	FaultReset FaultKind = "reset"
	// FaultSlow answers properly, after Fault.Delay.
	FaultSlow FaultKind = "slow"
	// FaultTexts answers properly, numbers and flags as strings.
	FaultTexts FaultKind = "texts"
	// FaultSampleShaped answers in the shape of the sample of the reference
	// page: nested, one object instead of a list, texts, CLientIpPool.
	FaultSampleShaped FaultKind = "sample-shaped"
	// FaultXML answers properly, in XML, whatever format was requested.
	FaultXML FaultKind = "xml"
)

// Fault applies to the next Times calls that match.
type Fault struct {
	Action string        `json:"action,omitempty"`         // "" for any
	Server string        `json:"sslVpnServerId,omitempty"` // "" for any
	Kind   FaultKind     `json:"kind"`
	Times  int           `json:"times,omitempty"` // 0 means 1, -1 without end
	Delay  time.Duration `json:"delayNs,omitempty"`
	// Commit carries the call out before a fault that hides its answer: the
	// effect is done and the client cannot know.
	Commit  bool          `json:"commit,omitempty"`
	Status  int           `json:"status,omitempty"`
	Code    string        `json:"code,omitempty"`
	Message string        `json:"message,omitempty"`
	Hint    Hint          `json:"hint,omitempty"`   // for FaultThrottle
	Wait    time.Duration `json:"waitNs,omitempty"` // what the hint says
}

func (f Fault) check() error {
	kinds := []FaultKind{
		FaultThrottle, FaultError, FaultXMLError, FaultExpiredToken, FaultHTML, FaultNumericCode, FaultEmpty,
		FaultTruncated, FaultRedirect, FaultHang, FaultReset, FaultSlow, FaultTexts, FaultSampleShaped, FaultXML,
	}
	if !slices.Contains(kinds, f.Kind) {
		return fmt.Errorf("fault kind %q is none of %q", f.Kind, kinds)
	}
	if (f.Kind == FaultError || f.Kind == FaultXMLError) && (f.Status < 400 || f.Status > 599) {
		return fmt.Errorf("fault %q: status %d is not 400 to 599", f.Kind, f.Status)
	}
	return nil
}

// Inject queues faults. The first in the queue that matches a call applies.
func (e *Emulator) Inject(faults ...Fault) error {
	faults = slices.Clone(faults)
	for i, f := range faults {
		if err := f.check(); err != nil {
			return err
		}
		if f.Times == 0 {
			faults[i].Times = 1
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, faults...)
	return nil
}

// ClearFaults empties the queue.
func (e *Emulator) ClearFaults() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = nil
}

func (e *Emulator) takeFault(c *call) (Fault, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, f := range e.faults {
		if (f.Action != "" && f.Action != c.action) || (f.Server != "" && f.Server != c.params.Get("SslVpnServerId")) {
			continue
		}
		if f.Times > 0 {
			e.faults[i].Times--
		}
		if e.faults[i].Times == 0 {
			e.faults = slices.Delete(e.faults, i, i+1)
		}
		c.fault = f.Kind
		return f, true
	}
	return Fault{}, false
}

// refusal is the API error that the fault answers with; nil for other faults.
func (f Fault) refusal() *apiError {
	switch f.Kind {
	case FaultThrottle:
		return throttled(f.Hint, f.Wait)
	case FaultError, FaultXMLError:
		return &apiError{status: f.Status, code: f.Code, message: f.Message}
	case FaultExpiredToken:
		return badRequest("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.") // own choice of code
	case FaultHTML, FaultNumericCode, FaultEmpty, FaultTruncated, FaultRedirect, FaultHang, FaultReset,
		FaultSlow, FaultTexts, FaultSampleShaped, FaultXML:
		return nil
	default:
		return nil
	}
}

// serveFault answers a call to which a fault applies.
func (e *Emulator) serveFault(w http.ResponseWriter, r *http.Request, c *call, f Fault) {
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			// The client has disconnected and cannot be answered; the fault decides
			// whether the call is carried out.
			if f.Kind == FaultSlow && !f.Commit {
				e.record(c, outcome{})
				return
			}
		}
	}
	if e.distort(w, c, f) {
		return
	}
	if f.Commit {
		e.perform(c)
	} else {
		e.record(c, outcome{err: f.refusal()})
	}
	misanswer(w, r, c, f)
}

// distort answers properly but in another shape.
func (e *Emulator) distort(w http.ResponseWriter, c *call, f Fault) bool {
	var s style
	switch f.Kind {
	case FaultSlow:
		s.xml = c.xml
	case FaultTexts:
		s = style{xml: c.xml, texts: true}
	case FaultSampleShaped:
		s = style{xml: c.xml, texts: true, single: true, misspel: true}
	case FaultXML:
		s.xml = true
	case FaultThrottle, FaultError, FaultXMLError, FaultExpiredToken, FaultHTML, FaultNumericCode, FaultEmpty,
		FaultTruncated, FaultRedirect, FaultHang, FaultReset:
		return false
	default:
		return false
	}
	out := e.perform(c)
	if out.err != nil {
		out.err.write(w, c)
		return true
	}
	reply := out.reply
	if f.Kind == FaultSampleShaped && c.action == ModifySslVpnServer {
		reply = object{
			{"PageNumber", 1},
			{"TotalCount", 1},
			{"SslVpnServers", list{"SslVpnServer", []object{reply[1:]}}},
			{"PageSize", 10},
			{"RequestId", c.requestID},
		}
	}
	writeReply(w, c, http.StatusOK, c.action+"Response", reply, s)
	return true
}

const proxyPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center><hr></body>\r\n</html>\r\n"

// misanswer hides or replaces the answer.
func misanswer(w http.ResponseWriter, r *http.Request, c *call, f Fault) {
	switch f.Kind {
	case FaultHang:
		<-r.Context().Done()
	case FaultReset:
		// net/http closes the connection without an answer.
		panic(http.ErrAbortHandler)
	case FaultHTML:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(cmp.Or(f.Status, http.StatusBadGateway))
		_, _ = w.Write([]byte(proxyPage))
	case FaultNumericCode:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte(`{"Code":502,"Message":"bad gateway"}`))
	case FaultEmpty:
		w.WriteHeader(http.StatusOK)
	case FaultTruncated:
		body := render(c.action+"Response", object{{"RequestId", c.requestID}, {"SslVpnServerId", c.params.Get("SslVpnServerId")}}, style{})
		_, _ = w.Write([]byte(body[:len(body)/2]))
	case FaultRedirect:
		w.Header().Set("Location", f.Message)
		w.WriteHeader(http.StatusFound)
	case FaultXMLError:
		refusal := f.refusal()
		writeReply(w, c, refusal.status, "Error", refusal.object(c), style{xml: true})
	case FaultThrottle, FaultError, FaultExpiredToken:
		f.refusal().write(w, c)
	case FaultSlow, FaultTexts, FaultSampleShaped, FaultXML: // distort has answered
	}
}
