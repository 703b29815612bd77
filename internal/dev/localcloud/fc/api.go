package fc

import (
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/signed"
)

// maxAsyncDelay is the longest delay of an asynchronous invocation (vendor page
// "Asynchronous invocation": 0 to 3600 s).
const maxAsyncDelay = 3600

// skew is how far the date of a request may be off.
const skew = 15 * time.Minute

// maxNonces is how many nonces are remembered.
const maxNonces = 10000

// API is Function Compute's API, as far as it invokes the function asynchronously:
// InvokeFunction of version 2023-03-30. The emulated role's credentials sign requests.
func (e *Emulator) API() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2023-03-30/functions/{name}/invocations", e.invokeFunction)
	return mux
}

// Deny says whether the function's role lacks the right fc:InvokeFunction.
func (e *Emulator) Deny(denied bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.denied = denied
}

func (e *Emulator) invokeFunction(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Fc-Request-Id", newRequestID())
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxAsyncPayload+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidArgument", "the body cannot be read")
		return
	}
	if status, code, message := e.authorize(r, body); status != 0 {
		refuse(w, status, code, message)
		return
	}
	delay, bad := asyncDelay(r)
	switch {
	case bad != "":
		refuse(w, http.StatusBadRequest, "InvalidArgument", bad)
		return
	case r.PathValue("name") != e.opts.FunctionName:
		refuse(w, http.StatusNotFound, "FunctionNotFound", "function '"+r.PathValue("name")+"' does not exist")
		return
	}
	id, err := e.invokeLater("api", body, delay)
	switch {
	case errors.Is(err, ErrPayloadTooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
	case err != nil:
		refuse(w, http.StatusServiceUnavailable, "ServiceUnavailable", err.Error())
	default:
		w.Header().Set("X-Fc-Request-Id", id)
		w.WriteHeader(http.StatusAccepted)
	}
}

// asyncDelay reads how long an invocation is to be delayed, or says what is wrong.
func asyncDelay(r *http.Request) (delay time.Duration, bad string) {
	if !strings.EqualFold(r.Header.Get("X-Fc-Invocation-Type"), "Async") {
		return 0, "this emulator invokes the function asynchronously only"
	}
	text := r.Header.Get("X-Fc-Async-Delay")
	if text == "" {
		return 0, ""
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxAsyncDelay {
		return 0, "x-fc-async-delay is not a number of seconds from 0 to 3600"
	}
	return time.Duration(n) * time.Second, ""
}

// authorize checks who sends a request: a status of 0 stands for the function's role
// with its right. The codes are those of the vendor's page of InvokeFunction.
func (e *Emulator) authorize(r *http.Request, body []byte) (status int, code, message string) {
	auth := r.Header.Get("Authorization")
	key := e.opts.Credentials
	date, err := time.Parse("2006-01-02T15:04:05Z", r.Header.Get("X-Acs-Date"))
	switch {
	case !strings.HasPrefix(auth, signed.Scheme):
		return http.StatusBadRequest, "MissingRequiredHeader", "the request is not signed"
	case signed.Param(auth, "Credential") != key.AccessKeyID:
		return http.StatusForbidden, "InvalidAccessKeyID", "the access key is not known"
	case subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Acs-Security-Token")), []byte(key.SecurityToken)) == 0:
		return http.StatusForbidden, "InvalidSecurityToken", "the security token does not belong to the access key"
	case err != nil || time.Since(date).Abs() > skew:
		return http.StatusForbidden, "RequestTimeTooSkewed", "x-acs-date is not within 15 minutes of now"
	}
	no := signed.Check(signed.Request{Method: r.Method, Path: r.URL.EscapedPath(), Host: r.Host, Query: r.URL.Query(), Header: r.Header, Body: body}, key.AccessKeySecret)
	if no != nil {
		return http.StatusForbidden, "SignatureNotMatch", no.Message
	}
	if r.Header.Get("X-Acs-Action") != "InvokeFunction" || r.Header.Get("X-Acs-Version") != "2023-03-30" {
		return http.StatusBadRequest, "InvalidArgument", "the action or the version is not that of the path"
	}
	return e.permitted(r.Header.Get("X-Acs-Signature-Nonce"))
}

// permitted checks what the emulator remembers: the nonce, and the role's right.
func (e *Emulator) permitted(nonce string) (status int, code, message string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case nonce == "" || e.nonces[nonce]:
		return http.StatusBadRequest, "SignatureNonceUsed", "the nonce was used already"
	case e.denied:
		return http.StatusForbidden, "AccessDenied", "the caller is not authorized to perform 'fc:InvokeFunction' on resource 'acs:fc:" +
			e.opts.Region + ":" + e.opts.AccountID + ":functions/" + e.opts.FunctionName + "'"
	}
	if e.nonces == nil || len(e.nonces) > maxNonces {
		e.nonces = map[string]bool{}
	}
	e.nonces[nonce] = true
	return 0, "", ""
}
