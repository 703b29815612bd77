package probe

// Result is what a probe found.
type Result string

// The results; the package comment says what each means.
const (
	Listening  Result = "listening"
	Refused    Result = "refused"
	Silent     Result = "silent"
	NotChecked Result = "not-checked"
)

// Reason says more about a result.
type Reason string

// The reasons. Silent has the first three, NotChecked the others.
const (
	NoAnswer      Reason = "no-answer"       // nothing came back in time
	OtherAnswer   Reason = "other-answer"    // what came back is no answer of an OpenVPN server
	Closed        Reason = "closed"          // the TCP connection was closed without an answer
	NoAddress     Reason = "no-address"      // the address is missing, or is no IP address
	NotPublic     Reason = "not-public"      // the address must not be probed
	NoRoute       Reason = "no-route"        // the function's network does not reach the address
	NotPermitted  Reason = "not-permitted"   // the function's system refuses to send
	Busy          Reason = "busy"            // another probe of this server was under way
	NoTime        Reason = "no-time"         // the invocation had too little time left
	NotReadable   Reason = "not-readable"    // the server's address could not be read
	ChangedAgain  Reason = "changed-again"   // the server has another port or protocol by now
	NetworkFailed Reason = "network-failure" // another failure on the function's side
)

// Outcome is a result with its reason; Reason is empty for Listening and Refused.
type Outcome struct {
	Result Result
	Reason Reason
}
