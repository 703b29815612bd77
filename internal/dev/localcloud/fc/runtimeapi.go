package fc

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// The runtime API's paths. The version is the SDK's apiVersion.
const (
	apiPrefix = "/2020-11-11/runtime/invocation/"
	headerID  = "x-fc-request-id"
)

// runtimeAPI serves one instance.
func (i *instance) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+apiPrefix+"next", i.next)
	mux.HandleFunc("POST "+apiPrefix+"{id}/response", i.response)
	mux.HandleFunc("POST "+apiPrefix+"{id}/error", i.failed)
	return mux
}

// next answers the poll when there is work. The SDK polls again as soon as it has
// an invocation and would run the next one concurrently, so only run writes to
// the work channel, and waits for the answer first.
func (i *instance) next(w http.ResponseWriter, r *http.Request) {
	select {
	case d := <-i.work:
		now := time.Now()
		i.headers(w.Header(), d, now.Add(i.opts.Timeout))
		d.begun <- now
		_, _ = w.Write(d.payload) // a process that is gone is noticed by its exit
	case <-r.Context().Done():
	}
}

// headers writes what the SDK's convertInvokeRequest reads. A missing or
// malformed deadline, timeout or retry count makes it drop the invocation
// without an answer.
func (i *instance) headers(h http.Header, d *delivery, deadline time.Time) {
	o := i.opts
	seconds := int((o.Timeout + time.Second - 1) / time.Second)
	for k, v := range map[string]string{
		headerID:                 d.id,
		"x-fc-function-deadline": strconv.FormatInt(deadline.UnixMilli(), 10),
		"x-fc-function-timeout":  strconv.Itoa(seconds),
		"x-fc-function-type":     strconv.Itoa(d.functionType),
		"x-fc-function-name":     o.FunctionName,
		"x-fc-function-handler":  "main",
		"x-fc-function-memory":   strconv.Itoa(o.MemoryMB),
		"x-fc-qualifier":         "LATEST",
		"x-fc-region":            o.Region,
		"x-fc-account-id":        o.AccountID,
		"x-fc-retry-count":       strconv.Itoa(d.retry),
		"x-fc-access-key-id":     o.Credentials.AccessKeyID,
		"x-fc-access-key-secret": o.Credentials.AccessKeySecret,
		"x-fc-security-token":    o.Credentials.SecurityToken,
		"Content-Type":           "application/octet-stream",
	} {
		h.Set(k, v)
	}
}

// response takes the handler's answer.
func (i *instance) response(w http.ResponseWriter, r *http.Request) {
	d, body, ok := i.posted(w, r)
	if !ok {
		return
	}
	d.finish(outcome{body: body})
	w.WriteHeader(http.StatusOK) // anything else the SDK logs as a failure
}

// failed takes the handler's error.
func (i *instance) failed(w http.ResponseWriter, r *http.Request) {
	d, body, ok := i.posted(w, r)
	if !ok {
		return
	}
	e := &FunctionError{}
	if err := json.Unmarshal(body, e); err != nil {
		e.Message = fmt.Sprintf("the function posted an error that is not JSON: %v", err)
	}
	e.RequestID, e.Kind = d.id, Handled
	if len(e.StackTrace) > 0 && string(e.StackTrace) != "null" && string(e.StackTrace) != "[]" {
		e.Kind = Unhandled // the SDK sends a stack for panics only
	}
	d.finish(outcome{err: e})
	w.WriteHeader(http.StatusOK)
}

// posted reads an answer and finds the delivery that it belongs to.
func (i *instance) posted(w http.ResponseWriter, r *http.Request) (*delivery, []byte, bool) {
	d := i.busyWith()
	if id := r.PathValue("id"); d == nil || d.id != id {
		i.log.WarnContext(r.Context(), "answer for an invocation that is not running", "request_id", id)
		http.Error(w, "no such invocation is running", http.StatusNotFound)
		return nil, nil, false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxSyncPayload+1))
	if err != nil {
		http.Error(w, "cannot read the answer", http.StatusBadRequest)
		return nil, nil, false
	}
	if len(body) > MaxSyncPayload {
		d.finish(d.failure(TooLarge, "the answer is larger than %d bytes", MaxSyncPayload))
		http.Error(w, "answer too large", http.StatusRequestEntityTooLarge)
		return nil, nil, false
	}
	return d, body, true
}
