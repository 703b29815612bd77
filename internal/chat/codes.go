package chat

import "errors"

// FailureCode says why an answer was not delivered. It is one of the constants
// below, HTTP<status> for an answer with that status and without a code, or the
// platform's own code. It is stored in notices, so that a code keeps its
// meaning permanently. docs/errors.md explains each, and those of earlier versions.
type FailureCode string

// The codes of the function itself.
const (
	// CodeAddressExpired: every address of the room has expired, and the platform
	// cannot write to the room by itself.
	CodeAddressExpired FailureCode = "AddressExpired"
	// CodeAddressRefused: the address does not belong to the platform. Nothing was
	// sent.
	CodeAddressRefused FailureCode = "AddressRefused"
	// CodeCertificate: the server's certificate is invalid. Nothing was sent.
	CodeCertificate FailureCode = "Certificate"
	// CodeNoAnswer: the platform could not be reached, or its answer broke off.
	CodeNoAnswer FailureCode = "NoAnswer"
	// CodeNotConfigured: the platform, or the secret that it sends answers with, is
	// not configured.
	CodeNotConfigured FailureCode = "NotConfigured"
	// CodeNotUpdatable: the platform does not let this message be updated, or not any
	// more.
	CodeNotUpdatable FailureCode = "NotUpdatable"
	// CodePrivateAddress: DNS resolved the platform's hostname to a non-public
	// address. Nothing was sent.
	CodePrivateAddress FailureCode = "PrivateAddress"
	// CodeSendFailed: an unexpected failure.
	CodeSendFailed FailureCode = "SendFailed"
	// CodeTimeout: the platform did not answer in time.
	CodeTimeout FailureCode = "Timeout"
	// CodeTooLate: the answer could not be delivered in time.
	CodeTooLate FailureCode = "TooLate"
	// CodeUnreadable: the platform's answer is not of its API's form.
	CodeUnreadable FailureCode = "UnreadableAnswer"
)

// SendError is how Send fails. It contains neither the address nor the text of
// the platform's answer.
type SendError struct {
	Again   bool // whether a retry may help
	Code    FailureCode
	Message string // for the record: what it means and how to fix it, in English
}

// Error returns the code and the message.
func (e *SendError) Error() string { return string(e.Code) + ": " + e.Message }

// FailureOf reads the error with which a platform did not send something; nil for none.
// The text of an error that is no SendError may contain the address and is dropped.
func FailureOf(err error) *SendError {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*SendError](err); ok {
		return e
	}
	return &SendError{Again: true, Code: CodeSendFailed, Message: "an unexpected failure prevented sending the message"}
}
