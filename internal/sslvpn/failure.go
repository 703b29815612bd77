package sslvpn

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// refuse is the error of a request that was not sent because it is invalid.
func refuse(a action, message string) *Error {
	return &Error{Class: ClassInvalid, Action: string(a), Message: message}
}

// answer is what came back of one request.
type answer struct {
	action   action
	creds    Credentials // to be removed from texts of the answer
	now      time.Time
	regional bool // sent to a host of the region's own

	status    int // 0 without an answer
	header    http.Header
	reply     node
	requestID string
}

// lost is the error of a request without a complete answer. Without a
// connection nothing was sent; with one, a modification may have been done,
// whatever the error says.
func (a *answer) lost(err error, connected bool) *Error {
	// url.Error repeats the whole URL, which does not belong in a record.
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	e := &Error{
		Class: ClassUnavailable, Action: string(a.action), Message: bounded(err.Error()),
		HTTPStatus: a.status, RequestID: a.requestID, Err: err,
	}
	switch {
	case connected:
		e.Class = a.action.lost()
	case a.regional && isNoHost(err):
		// There is no such region, and no wait makes one. Nothing was sent.
		e.Class, e.Code = ClassInvalid, codeNoRegion
	}
	return e
}

// isNoHost reports whether the name server says that a host does not exist. Any other
// failure of a name server passes.
func isNoHost(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound && !dns.IsTimeout && !dns.IsTemporary
}

// codeNoRegion is the code of a region that the function does not know, or that has no
// host.
const codeNoRegion = "RegionUnknown"

// maxBody bounds an answer: 1 MiB.
const maxBody = 1 << 20

var errTooLong = errors.New("the answer is longer than 1 MiB")

// receive reads and parses the body. Its error is the API's refusal, or says
// why the answer is not the API's.
func (a *answer) receive(resp *http.Response) *Error {
	a.requestID = bounded(a.header.Get("X-Acs-Request-Id"))
	var body bytes.Buffer
	body.Grow(int(min(max(resp.ContentLength, 0), maxBody)) + bytes.MinRead) // so that it need not grow
	_, err := body.ReadFrom(io.LimitReader(resp.Body, maxBody+1))
	if err == nil && body.Len() > maxBody {
		err = errTooLong
	}
	if err != nil {
		// The missing part may have been the code of an error, so the outcome is
		// unknown.
		return a.lost(err, true)
	}
	if a.reply, err = parseReply(body.Bytes()); a.reply.textOf("RequestId") != "" {
		a.requestID = bounded(a.reply.textOf("RequestId"))
	}
	switch {
	case a.status < http.StatusOK || a.status >= http.StatusMultipleChoices:
		return a.refusal()
	case err != nil:
		return a.foreign(err)
	default:
		return nil
	}
}

// refusal is the error that an answer says it is.
func (a *answer) refusal() *Error {
	e := &Error{
		Action:     string(a.action),
		Code:       a.safe(a.reply.textOf("Code")),
		Recommend:  a.safe(a.reply.textOf("Recommend")),
		HTTPStatus: a.status,
		RequestID:  a.requestID,
		RetryAfter: retryAfter(a.header, a.now),
	}
	// The message of a refused signature is followed by everything that was
	// signed.
	message, _, _ := strings.Cut(a.reply.textOf("Message"), " server string to sign is:")
	if message == "" && e.Code == "" {
		message = fmt.Sprintf("HTTP %d without an error of the API", a.status)
	}
	e.Message = a.safe(message)
	e.Class = classify(a.action, e.Code, e.Message, a.status)
	return e
}

// codeNoServer is the API's code for an unknown server; used too where the API
// answers with an empty list instead.
const codeNoServer = "InvalidSslVpnServerId.NotFound"

// foreign is the error of a 2xx that is not the API's success response. The
// outcome is unknown, unless the API properly lists no server.
func (a *answer) foreign(err error) *Error {
	e := a.refusal()
	e.Class, e.Message = a.action.lost(), a.safe(err.Error())
	if errors.Is(err, errNoServer) {
		e.Class, e.Code = ClassInvalid, codeNoServer
	}
	return e
}

// maxText bounds what is kept of a text of the API, in bytes.
const maxText = 1024

// safe removes credentials from a text of the API and bounds it.
func (a *answer) safe(s string) string { return bounded(a.creds.scrub(s)) }

func bounded(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}
