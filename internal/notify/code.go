package notify

// The codes of deliveries that are the function's own; platforms have theirs
// and HTTP<status>. docs/errors.md explains them.
const (
	codeAddressRefused = "AddressRefused"
	codeAddressExpired = "AddressExpired"
	codePrivateAddress = "PrivateAddress"
	codeCertificate    = "Certificate"
	codeTimeout        = "Timeout"
	codeNoAnswer       = "NoAnswer"
	codeNotConfigured  = "NotConfigured"
	codeSendFailed     = "SendFailed"
	codeTooLate        = "TooLate"
)
