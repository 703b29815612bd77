package vpc

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// apiError is a refusal in the API's form.
type apiError struct {
	status  int
	code    string
	message string
	header  http.Header // throttling hints
}

func badRequest(code, message string) *apiError {
	return &apiError{status: http.StatusBadRequest, code: code, message: message}
}

// errMissing is Missing{Param} (documented).
func errMissing(param string) *apiError {
	return badRequest("Missing"+param, "The input parameter \""+param+"\" that is mandatory for processing this request is not supplied.")
}

// The errors of the table of ModifySslVpnServer's reference page (documented),
// with the API's own spelling.
func errSubUser() *apiError {
	return &apiError{status: http.StatusForbidden, code: "Forbbiden.SubUser", message: "User not authorized to operate on the specified resource as your account is created by another user."}
}

func errForbidden() *apiError {
	return &apiError{status: http.StatusForbidden, code: "Forbidden", message: "User not authorized to operate on the specified resource."}
}

func errInvalidName() *apiError { return badRequest("InvalidName", "The name is not valid") }

func errConfiguring() *apiError {
	return badRequest("VpnGateway.Configuring", "The specified service is configuring.")
}

func errDryRun() *apiError {
	return badRequest("DryRunOperation", "Request validation has been passed with DryRun flag set.")
}

func errFinancialLocked() *apiError {
	return badRequest("VpnGateway.FinancialLocked", "The specified service is financial locked.")
}

func errNoServer() *apiError {
	return &apiError{status: http.StatusNotFound, code: "InvalidSslVpnServerId.NotFound", message: "The specified SSL VPN server id does not exist."} // documented (CreateSslVpnClientCert)
}

// Hint is the header in which throttling says how long to wait.
type Hint string

// The hints.
const (
	HintNone       Hint = ""
	HintAcs        Hint = "x-acs-retry-after"    // milliseconds (documented in aliyun-cli's source)
	HintTimeLeft   Hint = "x-ratelimit-user-api" // TimeLeft in milliseconds (documented in the vendor's Go SDK)
	HintRetryAfter Hint = "Retry-After"          // seconds (standard)
)

// throttled is flow control: HTTP 400, not 429 (documented).
func throttled(hint Hint, wait time.Duration) *apiError {
	e := badRequest("Throttling.User", "Request was denied due to user flow control.")
	e.header = http.Header{}
	ms := strconv.FormatInt(int64((wait+time.Millisecond-1)/time.Millisecond), 10)
	switch hint {
	case HintAcs:
		e.header.Set(string(hint), ms)
	case HintTimeLeft:
		e.header.Set(string(hint), "Limit:120,Remain:0,TimeLeft:"+ms)
	case HintRetryAfter:
		e.header.Set(string(hint), strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
	case HintNone:
	}
	return e
}

func (e *apiError) write(w http.ResponseWriter, c *call) {
	maps.Copy(w.Header(), e.header)
	writeReply(w, c, e.status, "Error", e.object(c), style{xml: c.xml})
}

func (e *apiError) object(c *call) object {
	return object{
		{"RequestId", c.requestID},
		{"HostId", c.host},
		{"Code", e.code},
		{"Message", e.message},
		{"Recommend", "https://api.aliyun.com/troubleshoot?q=" + e.code + "&product=Vpc&requestId=" + c.requestID},
	}
}
