package oss

import (
	"encoding/base64"
	"encoding/xml"
	"maps"
	"net/http"
)

// apiError is an error answer of OSS.
type apiError struct {
	status  int
	code    string
	ec      string // error-detail code; "" if it is not known
	message string
	header  http.Header // more headers, may be nil
}

func fault(status int, code, ec, message string) *apiError {
	return &apiError{status: status, code: code, ec: ec, message: message}
}

// Documented or observed codes with their detail codes.

func errNoSuchBucket() *apiError {
	return fault(404, "NoSuchBucket", "0015-00000101", "The specified bucket does not exist.")
}

func errNoSuchKey() *apiError {
	return fault(404, "NoSuchKey", "0026-00000001", "The specified key does not exist.")
}

func errFileAlreadyExists() *apiError {
	return fault(409, "FileAlreadyExists", "0026-00000002", "The object you specified already exists and can not be overwritten.")
}

func errPrecondition() *apiError {
	return fault(412, "PreconditionFailed", "0017-00001001", "At least one of the pre-conditions you specified did not hold.")
}

func errNotImplementedHeader() *apiError {
	return fault(400, "NotImplemented", "0017-00000245", "A header you provided implies functionality that is not implemented.")
}

func errInternal(err error) *apiError {
	return fault(500, "InternalError", "", err.Error())
}

// errUnsupported is for operations of OSS that the emulator lacks (own choice).
func errUnsupported(what string) *apiError {
	return fault(501, "NotImplemented", "", "This emulator does not implement "+what+".")
}

// reply is an answer before it is sent, so that faults can change it.
type reply struct {
	status int
	header http.Header
	body   []byte
	length int64 // Content-Length of an answer to HEAD
	code   string
}

func newReply(status int) *reply { return &reply{status: status, header: http.Header{}} }

func xmlReply(doc any) *reply {
	r := newReply(http.StatusOK)
	body, err := xml.Marshal(doc)
	if err != nil {
		return errInternal(err).reply(http.MethodGet, "", "")
	}
	r.header.Set("Content-Type", "application/xml")
	r.body = append([]byte(xml.Header), body...)
	return r
}

// reply is the error document; answers to HEAD have it in a header.
func (e *apiError) reply(method, host, requestID string) *reply {
	r := newReply(e.status)
	r.code = e.code
	maps.Copy(r.header, e.header)
	if e.ec != "" {
		r.header.Set("X-Oss-Ec", e.ec)
	}
	if e.status == http.StatusNotModified {
		return r
	}
	body, err := xml.Marshal(struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string   `xml:"Code"`
		Message   string   `xml:"Message"`
		RequestID string   `xml:"RequestId"`
		HostID    string   `xml:"HostId"`
		EC        string   `xml:"EC,omitempty"`
	}{Code: e.code, Message: e.message, RequestID: requestID, HostID: host, EC: e.ec})
	if err != nil {
		return newReply(http.StatusInternalServerError)
	}
	body = append([]byte(xml.Header), body...)
	if method == http.MethodHead {
		r.header.Set("X-Oss-Err", base64.StdEncoding.EncodeToString(body))
		return r
	}
	r.header.Set("Content-Type", "application/xml")
	r.body = body
	return r
}
