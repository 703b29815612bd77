package impact

// Unknown is something that could not be read or checked.
type Unknown struct {
	What   What   `json:"what"`
	Why    Why    `json:"why"`
	Action string `json:"action,omitempty"` // of the API, that was not permitted or failed
}

// What is not known.
type What string

// What may not be known.
const (
	WhatConnected    What = "connected"    // how many clients are connected
	WhatCertificates What = "certificates" // whose files have to change
	WhatGateway      What = "gateway"      // whether the gateway can do it
	WhatVPC          What = "vpc"          // whether the pool overlaps the VPC
	WhatDryRun       What = "dry-run"      // whether the API would accept it
)

// Why it is not known.
type Why string

// The reasons.
const (
	NotPermitted Why = "not-permitted" // the role of the function may not call the action
	TooLate      Why = "too-late"      // the API did not answer in time
	Failed       Why = "failed"        // the API answered with an error, or could not be reached
	NotReported  Why = "not-reported"  // the API does not say
	NotRead      Why = "not-read"      // a plan makes at most two calls more
)
